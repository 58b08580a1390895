// The output plugin, tried for real. The server loads it, and refuses it, before it makes a slot wait for
// open transactions, so that the trial can be given up after a moment and has still told what matters.

#include "app/preflight/postgres_side.hpp"
#include "app/preflight/words.hpp"
#include "app/publication.hpp"

namespace realtime::preflight {
namespace {

constexpr std::chrono::milliseconds kPatience{1500};
constexpr const char* kOpenTransactions =
    "SELECT pid, xact_start, query FROM pg_stat_activity WHERE backend_xid IS NOT NULL ORDER BY xact_start;";

std::string open_transactions(PostgresSide& side) {
  const auto rows = side.sql->query(
      "SELECT pid FROM pg_catalog.pg_stat_activity WHERE backend_xid IS NOT NULL ORDER BY xact_start LIMIT "
      "10");
  std::vector<std::string> pids;
  for (int row = 0; rows && row < rows->count(); ++row) pids.emplace_back(rows->text(row, 0));
  return pids.empty() ? "processes that this role does not see" : "processes " + joined(pids, ", ");
}

/// The probing process waits for a transaction: it has loaded the plugin.
bool waits_for_transaction(PostgresSide& side, int pid) {
  const auto rows = side.sql->query(
      "SELECT wait_event_type = 'Lock' FROM pg_catalog.pg_stat_activity WHERE pid = " + std::to_string(pid));
  return rows && rows->truth(0, 0);
}

void publication(PostgresSide& side, Notes& notes) {
  const std::string name = "publication " + side.config.publication;
  const auto rows = side.sql->query("SELECT EXISTS (SELECT FROM pg_catalog.pg_publication WHERE pubname = " +
                                    side.sql->literal(side.config.publication) +
                                    "), rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user");
  if (!rows) return notes.unknown(rows.error().message);
  if (rows->truth(0, 0)) return notes.ok(name + " exists");
  if (rows->truth(0, 1)) return notes.ok(name + " does not exist yet; the service makes it");
  notes.error(name + " does not exist",
              publication_statement(side.config.publication, side.config.tables, side.sql->server_version()));
}

}  // namespace

void detail::try_plugin(PostgresSide& side, Notes& notes) {
  const std::string plugin = side.plugin();
  if (plugin == "pgoutput") publication(side, notes);
  if (!side.walsender) return notes.unknown(plugin + " was not tried: there is no replication connection");
  const int pid = side.walsender->backend_pid();
  const std::string name = "hash_realtime_check_" + std::to_string(pid);
  bool waited = false;
  const postgres::Wait wait{kPatience, [&] { waited = waited || waits_for_transaction(side, pid); }, true};
  const auto made = side.walsender->query("CREATE_REPLICATION_SLOT " + side.walsender->identifier(name) +
                                              " TEMPORARY LOGICAL " + side.walsender->identifier(plugin) +
                                              " NOEXPORT_SNAPSHOT",
                                          wait);
  const bool usable = side.walsender->usable();
  side.walsender.reset();  // and with it the slot
  if (made) return notes.ok(plugin + " is installed and may be used (tried with a temporary slot)");
  const Error& error = made.error();
  if (!usable && error.kind != ErrorKind::stopped) {
    const std::string waits = "making a slot waits for open transactions: " + open_transactions(side);
    if (waited) notes.ok(plugin + " is installed and may be used (it was loaded for a temporary slot)");
    if (side.slot && side.slot->exists) {
      if (!waited) notes.unknown(plugin + ": " + waits, kOpenTransactions);
      return;
    }
    return notes.unknown(waits, kOpenTransactions);
  }
  switch (error.kind) {
    case ErrorKind::stopped:
      return notes.unknown(plugin + " was not tried to the end: no time was left");
    case ErrorKind::postgres_wal_level:
      return notes.unknown(plugin + " can be tried only with wal_level = logical");
    case ErrorKind::postgres_no_free_slot:
      return notes.unknown(plugin + " was not tried: there is no free slot to try it with",
                           side.remedy(error));
    case ErrorKind::postgres_starting:
      return notes.unknown(plugin + " was not tried: the server is in recovery");
    default:
      return notes.error(error.message, side.remedy(error));
  }
}

}  // namespace realtime::preflight
