#include "app/decode_warnings.hpp"

#include "base/log.hpp"

namespace realtime {

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
