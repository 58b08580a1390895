#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/service_board.hpp"
#include "app/stop_signal.hpp"
#include "app/wiring.hpp"
#include "pipeline/resume_decision.hpp"
#include "pipeline/stages.hpp"
#include "postgres/slot.hpp"
#include "redis/records.hpp"

namespace realtime {

/// The slot is ours: all that a pipeline needs.
struct Owned {
  PipelinePlan plan;
  PipelineParts parts;
  Duration status_interval{};
  std::optional<std::uint64_t>
      reconnect_after;  ///< once every queue has recorded this number, take over anew
};

/// Becomes the owner of the slot, in this order:
///   1. read every queue's record, and what the server and the slot say;
///   2. decide from both where to go on (pipeline/resume_decision.hpp), or refuse;
///   3. START_REPLICATION there: PostgreSQL lets one in, which is the lock;
///   4. fence: replace every record by itself with a higher epoch, so that an owner before us can no longer
///   write. A
///      record that moved meanwhile was the old owner's last word: begin again with it.
/// One thread. Every wait ends when the stop signal comes.
class Takeover {
 public:
  Takeover(const Config& config, const Wiring& wiring, const StopSignal& stop, ServiceBoard& board,
           PipelineMetrics& metrics, std::function<void(std::string_view)> dropped_without_identity);

  /// slot_active: another one owns the slot.
  Result<Owned> attempt();
  /// Marks every queue's record with why the service stops at it, so that each start says the same, whatever
  /// the server's log has become, until accept-loss. Where Redis does not answer it stays unmarked.
  void refuse(const std::string& why);
  /// Where a queue's record stood when its pipeline ended.
  void remember(std::size_t queue, Lsn restart, std::uint64_t number);

 private:
  struct Server;
  Result<Server> look(postgres::Connection& connection, const std::vector<QueueView>& queues);
  Result<Resume> decide(postgres::Connection& connection, const Server& server,
                        const std::vector<QueueView>& queues);
  Result<Resume> create(postgres::Connection& connection, const Server& server);
  Result<std::vector<std::optional<std::string>>> read_records(redis::RecordStore& store);
  Result<std::vector<QueueView>> parse_records(const std::vector<std::optional<std::string>>& texts) const;
  /// False: a record moved meanwhile.
  Result<bool> fence(redis::RecordStore& store, const std::vector<std::optional<std::string>>& texts,
                     std::vector<Record>& records) const;
  void say(const Resume& resume);

  const Config& config_;
  const Wiring& wiring_;
  const StopSignal& stop_;
  ServiceBoard& board_;
  PipelineMetrics& metrics_;
  const std::function<void(std::string_view)> dropped_without_identity_;
  std::vector<std::optional<Position>> remembered_;  ///< each queue's record as it was last seen or written
};

}  // namespace realtime
