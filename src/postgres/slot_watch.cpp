#include "postgres/slot_watch.hpp"

#include "postgres/application_name.hpp"
#include "postgres/errors.hpp"
#include "postgres/slot_columns.hpp"

namespace realtime::postgres {

Result<SlotView> SlotWatch::look() {
  Result<Rows> rows = connection_->query(
      std::string("SELECT pg_catalog.pg_is_in_recovery(), slot IS NOT NULL, ") + kSlotColumns +
      ", a.pid, a.application_name, a.usename, a.usename = current_user, "
      "pg_catalog.starts_with(a.wait_event, 'WalSender'), "
      "(SELECT extract(epoch FROM pg_catalog.clock_timestamp() - max(s.state_change)) * 1000 FROM "
      "pg_catalog.pg_stat_activity s WHERE s.usename = current_user AND "
      "pg_catalog.starts_with(s.application_name, " +
      connection_->literal(companion_) + "))::bigint FROM (SELECT) AS one LEFT JOIN " +
      slot_source(*connection_, slot_) +
      " AS found ON true LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = (slot->>'active_pid')::int");
  if (!rows) return rows.error();
  SlotView view;
  view.in_recovery = rows->truth(0, 0);
  if (!rows->truth(0, 1)) return view;
  Result<SlotFacts> facts = slot_facts(*rows, 0, 2);
  if (!facts) return facts.error();
  view.slot = std::move(*facts);
  constexpr int kOwner = 2 + kSlotColumnCount;
  if (const auto pid = number_of<int>(rows->text(0, kOwner))) {
    view.owner = SlotOwner{*pid,
                           one_line(rows->text(0, kOwner + 1)),
                           std::string(rows->text(0, kOwner + 2)),
                           rows->truth(0, kOwner + 3),
                           rows->truth(0, kOwner + 4),
                           std::nullopt,
                           std::nullopt};
    if (const auto named = parse_application_name(view.owner->application_name))
      view.owner->fingerprint = named->fingerprint;
    if (const auto silence = number_of<std::int64_t>(rows->text(0, kOwner + 5));
        silence && !companion_.empty())
      view.owner->companion_silence = std::chrono::milliseconds(*silence);
  }
  return view;
}

Result<bool> SlotWatch::terminate_owner(int pid) {
  // All conditions in the statement itself, so that a pid which was given to another process meanwhile is
  // left alone.
  Result<Rows> rows = connection_->query(
      "SELECT pg_catalog.pg_terminate_backend(a.pid) FROM pg_catalog.pg_replication_slots s "
      "JOIN pg_catalog.pg_stat_activity a ON a.pid = s.active_pid WHERE s.slot_name = " +
      connection_->literal(slot_) + " AND a.pid = " + std::to_string(pid) +
      " AND a.usename = current_user AND pg_catalog.starts_with(a.application_name, " +
      connection_->literal(kApplicationPrefix) + ")");
  if (!rows) return rows.error();
  return rows->truth(0, 0);
}

Result<OriginalService> look_for_original(Connection& connection, const std::string& slot_name) {
  Result<SlotFacts> slot = read_slot(connection, slot_name);
  if (!slot) return slot.error();
  OriginalService original{{}, slot->temporary};
  Result<Rows> readable = connection.query(
      "SELECT c.oid IS NOT NULL AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, "
      "'SELECT') "
      "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
      "WHERE n.nspname = 'realtime' AND c.relname = 'ownership' AND c.relkind IN ('r', 'p') AND 3 = "
      "(SELECT count(*) FROM pg_catalog.pg_attribute WHERE attrelid = c.oid AND NOT attisdropped AND attname "
      "IN "
      "('slot_name', 'slot_owner', 'ownership_expires_at'))");
  if (!readable) return readable.error();
  if (!readable->truth(0, 0)) return original;
  Result<Rows> rows = connection.query(
      "SELECT slot_owner::text FROM realtime.ownership WHERE slot_name::text = " +
      connection.literal(slot_name) +
      " AND ownership_expires_at::timestamptz > pg_catalog.now() ORDER BY ownership_expires_at DESC LIMIT 1");
  if (!rows) {
    // Dropped meanwhile, or a table that only looks alike: no trace. A lost connection is an error.
    if (connection.usable()) return original;
    return rows.error();
  }
  if (!rows->empty()) original.owner = rows->text(0, 0).empty() ? "unknown" : one_line(rows->text(0, 0));
  return original;
}

}  // namespace realtime::postgres
