// PostgreSQL itself: can it be reached, is it the right kind of server, may we do what we must.

#include <cstdlib>

#include "base/text.hpp"
#include "check/postgres_side.hpp"
#include "check/standby_names.hpp"
#include "postgres/log_bytes.hpp"
#include "postgres/timeline.hpp"

namespace realtime::preflight {
namespace {

using postgres::ConnectionKind;
using postgres::Rows;

std::string place(const Config& config) {
  return config.postgres.host + ":" + std::to_string(config.postgres.port) + ", database " +
         in_quotes(config.postgres.database) + " as " + in_quotes(config.postgres.user);
}

void connection(PostgresSide& side, Notes& notes) {
  side.tried = true;
  auto opened = side.connect(ConnectionKind::ordinary);
  if (!opened) return notes.error(opened.error());
  side.sql = std::move(*opened);
  notes.ok(place(side.config));
}

void provider(PostgresSide& side, Notes& notes) {
  // Read once for all checks that follow; a setting that the server does not have is simply not there.
  const auto settings = side.sql->query(
      "SELECT name, setting FROM pg_catalog.pg_settings WHERE name IN ('max_replication_slots', "
      "'max_wal_senders', "
      "'max_slot_wal_keep_size', 'wal_level', 'idle_replication_slot_timeout')");
  if (!settings) return notes.unknown(settings.error().message);
  for (int row = 0; row < settings->count(); ++row) {
    side.settings.emplace(settings->text(row, 0), settings->text(row, 1));
  }
  const auto provider = ask_provider(*side.sql);
  if (!provider) return notes.unknown(provider.error().message);
  side.provider = *provider;
  notes.ok(std::string(to_string(side.provider)));
}

void version(PostgresSide& side, Notes& notes) {
  const int number = side.sql->server_version();
  const std::string text =
      "PostgreSQL " + std::to_string(number / 10000) + "." + std::to_string(number % 10000);
  if (number < 130000) return notes.error(text + " is too old", "Upgrade PostgreSQL to 13 or later.");
  notes.ok(text);
}

void tls(PostgresSide& side, Notes& notes) {
  if (side.sql->encrypted()) {
    const char* variable = std::getenv("PGSSLMODE");
    const std::string_view mode = variable == nullptr ? "" : variable;
    if (mode == "verify-full") return notes.ok("in use; the server's certificate and name are verified");
    const bool certificate = mode == "verify-ca";
    return notes.ok(
        std::string("in use; the server's ") +
        (certificate ? "certificate is verified, its name is not" : "certificate is not verified") +
        " (PGSSLMODE=verify-full and PGSSLROOTCERT do)");
  }
  if (is_local(side.config.postgres.host)) return notes.ok("not in use; the server is on this machine");
  notes.warning("not in use: passwords and rows cross the network as they are",
                "Set PGSSLMODE=verify-full and PGSSLROOTCERT.");
}

void server(PostgresSide& side, Notes& notes) {
  auto facts = postgres::read_server(*side.sql);
  if (!facts) return notes.unknown(facts.error().message);
  side.server = std::move(*facts);
  if (side.server->in_recovery) {
    return notes.error("the server is in recovery: the service would wait for a primary",
                       "Let HASH_PG_HOST name the primary, or promote this server: SELECT pg_promote();");
  }
  notes.ok("a primary, system " + std::to_string(side.server->system_identifier) + ", timeline " +
           std::to_string(side.server->timeline) + ", log at " + to_string(side.server->wal_end));
}

void encoding(PostgresSide& side, Notes& notes) {
  if (!side.server) return notes.unknown("not known");
  if (side.server->encoding == "UTF8") return notes.ok("UTF8");
  notes.error("database " + in_quotes(side.config.postgres.database) + " is encoded in " +
                  side.server->encoding + "; only UTF8 gives valid JSON",
              "CREATE DATABASE " + sql_name(side.config.postgres.database + "_utf8") +
                  " ENCODING 'UTF8' TEMPLATE template0; then dump this database and restore it there");
}

void wal_level(PostgresSide& side, Notes& notes) {
  const std::string level = side.setting("wal_level");
  if (level == "logical") return notes.ok("logical");
  if (level.empty()) return notes.unknown("not known");
  notes.error("wal_level is " + level + "; needed: logical",
              side.remedy({ErrorKind::postgres_wal_level, {}}));
}

void replication(PostgresSide& side, Notes& notes) {
  auto opened = side.connect(ConnectionKind::replication);
  if (!opened) return notes.error(opened.error().message, side.remedy(opened.error()));
  side.walsender = std::move(*opened);
  if (const auto identified = side.walsender->query("IDENTIFY_SYSTEM"); !identified) {
    const Error error = identified.error();
    side.walsender.reset();
    return notes.error(error.message, side.remedy(error));
  }
  if (side.server && side.server->timeline > 1) {
    auto timelines = postgres::read_timelines(*side.walsender, side.server->timeline);
    if (timelines) side.timelines = std::move(*timelines);
  }
  notes.ok("a replication connection is let in (REPLICATION right, pg_hba.conf, a free walsender)");
}

/// Whether the server gives its log, by which the service knows that it is the server of its records.
void server_log(PostgresSide& side, Notes& notes) {
  if (!side.server) return notes.unknown("not known");
  const Lsn end = side.server->wal_end;
  const std::uint32_t bytes = log_bytes_before(end, side.server->wal_segment_bytes);
  if (bytes < kLeastLogBytes)
    return notes.unknown("the log has only just begun its segment: run the check again");
  auto opened = side.connect(ConnectionKind::replication);
  if (!opened) return notes.unknown(opened.error().message);
  const auto read = postgres::read_log(**opened, {end.value - bytes}, end, side.server->timeline);
  if (read.good()) return notes.ok("is given (START_REPLICATION PHYSICAL)");
  notes.warning("the server does not give its log: " + read.why +
                    "; a restored or copied server is then known by the last message alone, and not where "
                    "somebody has moved its slot",
                "Let role " + in_quotes(side.config.postgres.user) +
                    " read the log (it needs REPLICATION), and leave a walsender free for it.");
}

/// How many of `limit` are used.
void places(PostgresSide& side, Notes& notes, const char* limit, const char* count, const char* noun,
            bool needed) {
  const auto used = side.sql->query(count);
  if (!used) return notes.unknown(used.error().message);
  const std::string most = side.setting(limit);
  const std::string text = std::string(used->text(0, 0)) + " of " + most + " " + noun + " in use";
  const long free = std::atol(most.c_str()) - std::atol(std::string(used->text(0, 0)).c_str());
  if (free > 0 || most.empty()) return notes.ok(text);
  const std::string more = std::to_string(std::atol(most.c_str()) + 10);
  const std::string remedy = set_server_setting(side.provider, limit, more, true);
  if (needed) return notes.error(text + ": none is free", remedy);
  notes.warning(text + ": none is free for anybody else", remedy);
}

void walsenders(PostgresSide& side, Notes& notes) {
  places(side, notes, "max_wal_senders", "SELECT count(*) FROM pg_catalog.pg_stat_replication", "walsenders",
         false);
}

void slots(PostgresSide& side, Notes& notes) {
  auto slot = postgres::read_slot(*side.sql, side.config.slot_name);
  if (slot) side.slot = std::move(*slot);
  places(side, notes, "max_replication_slots", "SELECT count(*) FROM pg_catalog.pg_replication_slots",
         "replication slots", !side.slot || !side.slot->exists);
}

void synchronous_standbys(PostgresSide& side, Notes& notes) {
  if (!side.server) return notes.unknown("not known");
  const std::string& names = side.server->synchronous_standby_names;
  if (!names_standby(names, side.wiring.application_name()))
    return notes.ok("commits do not wait for this service");
  notes.error("synchronous_standby_names is '" + names +
                  "', which this service matches: every commit would wait for it",
              "name the real standbys instead: " +
                  set_server_setting(side.provider, "synchronous_standby_names", "'<standby>'", false) +
                  " (none: '')");
}

constexpr Check<PostgresSide> kChecks[] = {
    {"connection", connection},
    {"provider", provider},
    {"version", version},
    {"tls", tls},
    {"server", server},
    {"encoding", encoding},
    {"wal_level", wal_level},
    {"replication", replication},
    {"walsenders", walsenders},
    {"server log", server_log},
    {"replication slots", slots},
    {"output plugin", detail::try_plugin},
    {"synchronous standbys", synchronous_standbys},
};

}  // namespace

Findings detail::check_server(PostgresSide& side) {
  return run_all("postgres", kChecks, side);
}

}  // namespace realtime::preflight
