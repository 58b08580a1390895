#include "postgres/slot.hpp"

#include <algorithm>

#include "postgres/errors.hpp"
#include "postgres/slot_columns.hpp"

namespace realtime::postgres {

Result<SlotFacts> read_slot(Connection& connection, const std::string& slot) {
  Result<Rows> rows = connection.query(std::string("SELECT ") + kSlotColumns + " FROM " +
                                       slot_source(connection, slot) + " AS found");
  if (!rows) return rows.error();
  if (rows->empty()) return SlotFacts{};
  return slot_facts(*rows, 0, 0);
}

Result<ServerFacts> read_server(Connection& connection) {
  // The timeline of a primary stands in the name of its current WAL file; the control file tells that of the
  // last checkpoint, which may be from before a promotion. reset_val: what our own SET does not change.
  Result<Rows> rows = connection.query(
      std::string("SELECT (SELECT system_identifier FROM pg_catalog.pg_control_system()), "
                  "CASE WHEN pg_catalog.pg_is_in_recovery() "
                  "THEN (SELECT timeline_id FROM pg_catalog.pg_control_checkpoint()) "
                  "ELSE ('x' || substr(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 1, "
                  "8))::bit(32)::int END, ") +
      kWalEnd +
      ", pg_catalog.pg_is_in_recovery(), current_setting('server_version_num'), "
      "current_setting('server_encoding'), "
      "(SELECT reset_val FROM pg_catalog.pg_settings WHERE name = 'wal_sender_timeout'), "
      "current_setting('wal_level'), current_setting('synchronous_standby_names'), "
      "(SELECT setting FROM pg_catalog.pg_settings WHERE name = 'wal_segment_size'), "
      "(extract(epoch FROM pg_catalog.pg_postmaster_start_time()) * 1000000)::bigint, "
      "(SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())");
  if (!rows) return rows.error();
  const Result<Lsn> wal_end = lsn_of(rows->value(0, 2));
  if (!wal_end) return wal_end.error();
  const auto system = number_of<std::int64_t>(rows->text(0, 0));
  const auto timeline = number_of<std::uint32_t>(rows->text(0, 1));
  const auto version = number_of<int>(rows->text(0, 4));
  const auto timeout = number_of<std::int64_t>(rows->text(0, 6));
  const auto segment = number_of<std::uint64_t>(rows->text(0, 9));
  const auto started = number_of<std::int64_t>(rows->text(0, 10));
  const auto database = number_of<std::uint32_t>(rows->text(0, 11));
  if (!system || !timeline || !version || !timeout || !segment || !started || !database) {
    return Error{ErrorKind::postgres_protocol,
                 "the server does not tell its system identifier, timeline, version or start"};
  }
  ServerFacts facts;
  facts.system_identifier = static_cast<std::uint64_t>(*system);
  facts.timeline = *timeline;
  facts.wal_end = *wal_end;
  facts.in_recovery = rows->truth(0, 3);
  facts.version = *version;
  facts.encoding = rows->text(0, 5);
  facts.wal_sender_timeout = std::chrono::milliseconds(*timeout);
  facts.wal_level = rows->text(0, 7);
  facts.synchronous_standby_names = one_line(rows->text(0, 8));
  facts.wal_segment_bytes = *segment;
  facts.started_us = *started;
  facts.database_oid = *database;
  return facts;
}

Result<ServerLag> read_lag(Connection& connection, const std::string& slot) {
  Result<Rows> rows = connection.query(std::string("SELECT ") + kWalEnd + ", slot IS NOT NULL, " +
                                       kSlotColumns + " FROM (SELECT) AS one LEFT JOIN " +
                                       slot_source(connection, slot) + " AS found ON true");
  if (!rows) return rows.error();
  const Result<Lsn> wal_end = lsn_of(rows->value(0, 0));
  if (!wal_end) return wal_end.error();
  ServerLag lag{*wal_end, {}};
  if (!rows->truth(0, 1)) return lag;
  Result<SlotFacts> facts = slot_facts(*rows, 0, 2);
  if (!facts) return facts.error();
  lag.slot = std::move(*facts);
  return lag;
}

Result<Lsn> create_slot(Connection& connection, const std::string& slot, const std::string& plugin,
                        std::function<void()> while_waiting) {
  if (Status status = check_slot_name(slot); !status) return status.error();
  Wait wait{std::nullopt, std::move(while_waiting), true};
  Result<Rows> rows = connection.query("CREATE_REPLICATION_SLOT " + connection.identifier(slot) +
                                           " LOGICAL " + connection.identifier(plugin) + " NOEXPORT_SNAPSHOT",
                                       wait);
  if (!rows) return rows.error();
  return lsn_of(rows->value(0, 1));  // slot_name, consistent_point, snapshot_name, output_plugin
}

Status drop_slot(Connection& connection, const std::string& slot) {
  Result<Rows> rows =
      connection.query("SELECT pg_catalog.pg_drop_replication_slot(" + connection.literal(slot) + ")");
  return rows ? ok() : Status(rows.error());
}

Status set_wal_sender_timeout(Connection& connection, std::chrono::milliseconds timeout) {
  Result<Rows> rows = connection.query("SET wal_sender_timeout TO " + std::to_string(timeout.count()));
  return rows ? ok() : Status(rows.error());
}

Status check_slot_name(const std::string& slot) {
  const bool valid = !slot.empty() && slot.size() <= 63 && std::all_of(slot.begin(), slot.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
  if (valid) return ok();
  return Error{ErrorKind::wrong_setting,
               "\"" + one_line(slot) + "\" is no slot name: 1 to 63 of a-z, 0-9 and underscore"};
}

}  // namespace realtime::postgres
