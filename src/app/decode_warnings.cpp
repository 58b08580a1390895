#include "app/decode_warnings.hpp"

#include "base/log.hpp"

namespace realtime {
namespace {

std::string quoted(std::string_view name) {
  std::string text = "\"";
  for (const char c : name) text.append(c == '"' ? 2 : 1, c);
  return text + '"';
}

/// As a statement names a table.
std::string statement_name(std::string_view schema, std::string_view table) {
  return quoted(schema) + "." + quoted(table);
}

}  // namespace

void DecodeWarnings::truncate_ignored(std::string_view schema, std::string_view table, Lsn lsn) {
  metrics_.truncates_ignored.add();
  const std::string name = std::string(schema) + "." + std::string(table);
  if (!is_first("truncate " + name)) return;
  log::warn("a TRUNCATE is not delivered to the queues; more of this table are only counted",
            {{"slot", slot_}, {"table", name}, {"lsn", to_string(lsn)}});
}

void DecodeWarnings::oversize_skipped(std::string_view schema, std::string_view table, std::size_t bytes,
                                      Lsn lsn) {
  metrics_.oversize_skipped.add();
  log::error("a row was left out because it is too large",
             {{"slot", slot_},
              {"table", std::string(schema) + "." + std::string(table)},
              {"bytes", std::to_string(bytes), true},
              {"lsn", to_string(lsn)},
              {"remedy",
               "raise HASH_REALTIME_MAX_MESSAGE_BYTES if Redis takes more; HASH_REALTIME_ON_OVERSIZE=stop "
               "stops here instead"}});
}

void DecodeWarnings::text_mended(std::string_view schema, std::string_view table, std::size_t replaced,
                                 Lsn lsn) {
  metrics_.text_replaced.add(replaced);
  const std::string name = std::string(schema) + "." + std::string(table);
  if (!is_first("text " + name)) return;
  log::warn(
      "text of a row is not UTF-8: each piece that is none is delivered as U+FFFD; more of this table are "
      "only "
      "counted",
      {{"slot", slot_},
       {"table", name},
       {"lsn", to_string(lsn)},
       {"remedy",
        "Mend the values in the table: docs/operations.md, \"Text that is not UTF-8\", has the query that "
        "finds them."}});
}

void DecodeWarnings::identity_incomplete(std::string_view schema, std::string_view table, Lsn lsn) {
  metrics_.dropped_without_identity.add();
  const std::string name = std::string(schema) + "." + std::string(table);
  if (!is_first("identity " + name)) return;
  log::warn(
      "an UPDATE or DELETE cannot be delivered: the table's key has a generated column, which pgoutput does "
      "not "
      "send before PostgreSQL 18; more are only counted",
      {{"slot", slot_},
       {"table", name},
       {"lsn", to_string(lsn)},
       {"remedy", "ALTER TABLE " + statement_name(schema, table) +
                      " REPLICA IDENTITY FULL; or USING INDEX with a unique index over columns that are not "
                      "generated; or "
                      "HASH_REALTIME_PLUGIN=wal2json."}});
}

void DecodeWarnings::dropped_without_identity(std::string_view table) {
  metrics_.dropped_without_identity.add();
  const std::string name(table);
  if (!is_first("identity " + name)) return;
  log::warn(
      "an UPDATE or DELETE cannot be delivered: the table has no replica identity; more are only counted",
      {{"slot", slot_}, {"table", name}, {"remedy", "ALTER TABLE " + name + " REPLICA IDENTITY FULL;"}});
}

bool DecodeWarnings::is_first(const std::string& what) {
  const std::lock_guard lock(mutex_);
  return said_.size() < kMostTables && said_.insert(what).second;
}

}  // namespace realtime
