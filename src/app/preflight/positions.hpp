#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/config.hpp"
#include "pipeline/resume_decision.hpp"
#include "postgres/slot.hpp"
#include "redis/records.hpp"

namespace realtime::preflight {

/// What PostgreSQL and Redis say together: all that the service decides its start from.
struct Positions {
  postgres::ServerFacts server;
  postgres::SlotFacts slot;
  std::vector<std::pair<std::uint32_t, Lsn>> timeline_ends;
  std::vector<std::optional<std::string>> texts;  ///< the records as they stand, in the order of the queues
  std::vector<QueueView> queues;                  ///< ... read; without a record where it cannot be read
  std::vector<std::optional<Error>> unreadable;
  std::vector<std::uint64_t> last_ids;  ///< of stream queues: the highest message number they have held

  ServerView view(const Config& config) const;
  bool all_readable() const;
};

/// Reads them in an order that a running owner cannot make look wrong: it raises the records before it
/// confirms, and the server's log ends behind both. Over either kind of connection; a replication one reads
/// the timelines itself.
Result<Positions> read_positions(const Config& config, postgres::Connection& connection,
                                 redis::RecordStore& store,
                                 std::vector<std::pair<std::uint32_t, Lsn>> timeline_ends = {});

}  // namespace realtime::preflight
