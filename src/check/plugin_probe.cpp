// The output plugin, tried for real: a temporary slot is made, and streaming from it begun. The server loads
// the plugin, and refuses it, before it makes a slot wait for open transactions, so that the trial can be
// given up after a moment and has still told what matters. Where the plugin of the settings will not work,
// the other one is tried.

#include "realtime/open_transactions.hpp"

#include "base/text.hpp"
#include "check/postgres_side.hpp"

namespace realtime::preflight {
namespace {

constexpr std::chrono::milliseconds kPatience{1500};
std::string open_transactions(PostgresSide& side) {
  const auto rows = side.sql->query(
      "SELECT name FROM (SELECT 'process ' || pid AS name, xact_start AS since FROM "
      "pg_catalog.pg_stat_activity WHERE "
      "backend_xid IS NOT NULL UNION ALL SELECT 'prepared transaction ' || gid, prepared FROM "
      "pg_catalog.pg_prepared_xacts) AS found ORDER BY since LIMIT 10");
  std::vector<std::string> names;
  for (int row = 0; rows && row < rows->count(); ++row) names.emplace_back(rows->text(row, 0));
  return names.empty() ? "of processes that this role does not see" : joined(names, ", ");
}

/// The probing process waits for a transaction: it has loaded the plugin.
bool waits_for_transaction(PostgresSide& side, int pid) {
  const auto rows = side.sql->query(
      "SELECT wait_event_type = 'Lock' FROM pg_catalog.pg_stat_activity WHERE pid = " + std::to_string(pid));
  return rows && rows->truth(0, 0);
}

struct Trial {
  enum class Outcome {
    streams,     ///< a slot was made, and streaming from it begun
    loaded,      ///< the plugin was loaded; to make the slot would have taken too long
    too_long,    ///< not even that is known
    refused,     ///< see error
    impossible,  ///< nothing was learned about the plugin: see error
  };
  Outcome outcome;
  Error error{ErrorKind::stopped, {}};

  bool works() const { return outcome == Outcome::streams || outcome == Outcome::loaded; }
};

Trial::Outcome outcome_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::stopped:
    case ErrorKind::postgres_wal_level:
    case ErrorKind::postgres_no_free_slot:
    case ErrorKind::postgres_starting:
      return Trial::Outcome::impossible;
    default:
      return Trial::Outcome::refused;
  }
}

/// Uses the connection up: with it goes the slot.
Trial try_out(PostgresSide& side, std::unique_ptr<postgres::Connection> walsender, const Wiring& wiring) {
  const auto plugin = wiring.make_plugin(wiring.configured_filter());
  const int pid = walsender->backend_pid();
  const std::string name = walsender->identifier("hash_realtime_check_" + std::to_string(pid));
  bool waited = false;
  const postgres::Wait wait{kPatience, [&] { waited = waited || waits_for_transaction(side, pid); }, true};
  const auto made = walsender->query("CREATE_REPLICATION_SLOT " + name + " TEMPORARY LOGICAL " +
                                         walsender->identifier(plugin->name()) + " NOEXPORT_SNAPSHOT",
                                     wait);
  if (made) {
    // The options are looked at now, and nothing has happened yet that could be sent.
    const Status started = walsender->start_copy("START_REPLICATION SLOT " + name + " LOGICAL 0/0 " +
                                                 plugin->start_options(false));
    if (started) return {Trial::Outcome::streams};
    return {outcome_of(started.error().kind), started.error()};
  }
  if (walsender->usable() || made.error().kind == ErrorKind::stopped)
    return {outcome_of(made.error().kind), made.error()};
  return {waited ? Trial::Outcome::loaded : Trial::Outcome::too_long, made.error()};
}

constexpr const char* kStreams = " is installed and may be used (tried with a temporary slot)";
constexpr const char* kLoaded = " is installed and may be used (it was loaded for a temporary slot)";

/// Without the other plugin, which is recommended when it was tried.
std::string remedy(const PostgresSide& side, const std::string& plugin, const Error& error) {
  if (error.kind != ErrorKind::postgres_plugin_missing) return side.remedy(error);
  return "Install " + plugin + " on the PostgreSQL server (Debian: apt-get install postgresql-" +
         std::to_string(side.sql->server_version() / 10000) + "-" + plugin + ").";
}

void say(PostgresSide& side, const std::string& plugin, const Trial& trial, Notes& notes) {
  const bool has_slot = side.slot && side.slot->exists;
  switch (trial.outcome) {
    case Trial::Outcome::streams:
      return notes.ok(plugin + kStreams);
    case Trial::Outcome::loaded:
      notes.ok(plugin + kLoaded);
      if (has_slot) return;
      return notes.unknown("making a slot waits for open transactions: " + open_transactions(side),
                           std::string(kOpenTransactions));
    case Trial::Outcome::too_long:
      return notes.unknown((has_slot ? plugin + ": " : std::string()) +
                               "making a slot waits for open transactions: " + open_transactions(side),
                           std::string(kOpenTransactions));
    case Trial::Outcome::refused:
      return notes.error(trial.error.message, remedy(side, plugin, trial.error));
    case Trial::Outcome::impossible:
      break;
  }
  switch (trial.error.kind) {
    case ErrorKind::postgres_wal_level:
      return notes.unknown(plugin + " can be tried only with wal_level = logical");
    case ErrorKind::postgres_no_free_slot:
      return notes.unknown(plugin + " was not tried: there is no free slot to try it with",
                           side.remedy(trial.error));
    case ErrorKind::postgres_starting:
      return notes.unknown(plugin + " was not tried: the server is in recovery");
    default:
      return notes.unknown(plugin + " was not tried to the end: no time was left");
  }
}

/// The other plugin, which is recommended if it works, and only then.
void try_the_other(PostgresSide& side, Notes& notes) {
  Config config = side.config;
  config.plugin = config.plugin == Plugin::wal2json ? Plugin::pgoutput : Plugin::wal2json;
  const Wiring wiring(config, nullptr);
  const std::string plugin = wiring.configured_filter().plugin;
  auto walsender = side.connect(postgres::ConnectionKind::replication);
  if (!walsender) return;  // what is wrong was said
  const Trial trial = try_out(side, std::move(*walsender), wiring);
  const std::string setting = "HASH_REALTIME_PLUGIN=" + plugin;
  if (trial.outcome == Trial::Outcome::refused)
    return notes.unknown(setting + " would not work either: " + trial.error.message);
  if (!trial.works()) return;
  notes.ok("recommended: " + setting + ", which works on this server (tried with a temporary slot)");
  if (config.plugin == Plugin::pgoutput) {
    Findings found;
    Notes its(notes.area(), notes.check(), found);
    detail::check_publication(side, its);
    for (const Finding& one : found) {  // what is to be done for it is no fault of the settings as they are
      if (one.level == Level::ok) {
        notes.ok(setting + ": " + one.what);
      } else {
        notes.unknown(setting + " needs more: " + one.what, one.remedy);
      }
    }
  }
}

}  // namespace

void detail::try_plugin(PostgresSide& side, Notes& notes) {
  const std::string plugin = side.plugin();
  const bool published = plugin != "pgoutput" || check_publication(side, notes);
  if (!side.walsender) return notes.unknown(plugin + " was not tried: there is no replication connection");
  const Trial trial = try_out(side, std::move(side.walsender), side.wiring);
  say(side, plugin, trial, notes);
  if (trial.outcome == Trial::Outcome::refused || (!published && trial.works())) try_the_other(side, notes);
}

}  // namespace realtime::preflight
