#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/queue_records.hpp"
#include "app/server_look.hpp"
#include "app/service_board.hpp"
#include "base/stop_signal.hpp"
#include "pipeline/resume_decision.hpp"
#include "pipeline/stages.hpp"
#include "wiring/wiring.hpp"

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
///   4. fence every record against an owner before us; where one moved meanwhile, begin again.
/// One thread. Every wait ends when the stop signal comes.
class Takeover {
 public:
  Takeover(const Config& config, const Wiring& wiring, const StopSignal& stop, ServiceBoard& board,
           PipelineMetrics& metrics, std::function<void(std::string_view)> dropped_without_identity);

  /// slot_active: another one owns the slot.
  Result<Owned> attempt();
  /// The queues' records, to be marked or remembered when a pipeline has ended.
  QueueRecords& records() { return records_; }

 private:
  Owned own(Resume resume, const Server& server, std::unique_ptr<Source> stream,
            std::shared_ptr<const OutputPlugin> plugin, std::chrono::milliseconds timeout) const;
  Result<Resume> decide(postgres::Connection& connection, const Server& server,
                        const std::vector<QueueView>& queues);
  Result<Resume> create(postgres::Connection& connection, const Server& server);

  const Config& config_;
  const Wiring& wiring_;
  const StopSignal& stop_;
  ServiceBoard& board_;
  PipelineMetrics& metrics_;
  const std::function<void(std::string_view)> dropped_without_identity_;
  QueueRecords records_;
};

}  // namespace realtime
