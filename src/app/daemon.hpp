#pragma once

#include <memory>
#include <optional>

#include "app/accepted_loss.hpp"
#include "app/decode_warnings.hpp"
#include "app/pipeline_watch.hpp"
#include "app/service_board.hpp"
#include "app/stream_proof.hpp"
#include "app/trouble.hpp"
#include "app/watchdog.hpp"
#include "base/backoff.hpp"
#include "base/stop_signal.hpp"
#include "config/config.hpp"
#include "metrics/pipeline_metrics.hpp"
#include "ownership/standby.hpp"
#include "ownership/takeover.hpp"
#include "pipeline/pipeline.hpp"
#include "redis/redis_checkpoint_store.hpp"
#include "wiring/wiring.hpp"

namespace realtime {

/// The service: owns the slot whenever it can, and streams.
///
///   own ──────► stream ──────► (ended: an error, or a wish to begin anew)
///    ▲  └─ error ──┐  │ error        │
///    │             ▼  ▼              │
///    │            judge ─► pause ────┤ what may end by itself is tried again, ever more slowly
///    │              │ └──► stand_by ─┤ somebody else owns the slot: until it is free
///    └──────────────┼────────────────┘
///                   └────► fail, stop
///
/// - own: a take-over (ownership/takeover.hpp). What it needs of a person is said with the very statement.
/// - stream: a pipeline runs until it fails or the stop signal comes. While it runs the PipelineWatch shows
///   its queues and lets go of the slot where another instance may do better. A pipeline that failed is torn
///   down whole; the one recovery there is goes by the records, as after a crash.
/// - judge: what an error means for the service: the policy of its kind says retry, yield or stop.
/// - stop: from anywhere, once the stop signal is there; a pipeline delivers what it has read first, for at
///   most three seconds. The rest is replayed at the next start.
///
/// A trouble begins with the first error and ends when what failed has worked: a take-over that succeeds ends
/// the trouble of one that failed; a stream that broke off must first be shown to work (StreamProof).
/// Concurrency: run() by one thread; the board by any.
class Daemon {
 public:
  Daemon(const Config& config, const StopSignal& stop, ServiceBoard& board, PipelineMetrics& metrics,
         Watchdog& watchdog);

  /// Until the stop signal (0) or a failure that needs a person (1).
  int run();

 private:
  enum class Next { own, stand_by, pause, look_again, stop, fail };

  Next step(Next next);
  Next own();
  Next stream(Owned owned);
  Next flush(Pipeline& pipeline);
  Next go_on_accepted(Pipeline& pipeline, const std::string& queues);
  std::chrono::milliseconds pause_of_watches() const;
  Next recover(Pipeline& pipeline, const Error& error, const Filter& filter, TimePoint started);
  Next stand_by();
  Next judge(const Error& error);
  PipelineSettings settings_for(const Owned& owned) const;
  std::optional<std::uint64_t> longest_message() const;
  void begin_streaming(const PipelinePlan& plan, TimePoint now);
  void recovered(TimePoint now);
  std::chrono::milliseconds pause_of_stream(TimePoint now) const;
  Lsn received() const { return Lsn{metrics_.reader.received_lsn.value()}; }
  void remember_positions();
  std::optional<std::uint64_t> waited(std::size_t queue) const;
  void say_streaming(const PipelinePlan& plan) const;
  bool pause(Duration duration) const {
    board_.beat();  // a standby pauses several times a second
    return stop_.wait_until(clock_.now() + duration);
  }

  const Config& config_;
  const StopSignal& stop_;
  ServiceBoard& board_;
  PipelineMetrics& metrics_;
  Watchdog& watchdog_;
  SteadyClock clock_;
  std::shared_ptr<DecodeWarnings> warnings_;
  Wiring wiring_;
  const Claim claim_;
  postgres::PostgresSlotServer server_;
  redis::RedisCheckpointStore store_;
  Takeover takeover_;
  Standby standby_;
  Backoff backoff_;
  RepeatGate gate_{Duration::max()};  ///< nothing is said between a trouble's beginning and its end
  StreamProof proof_;
  std::vector<std::shared_ptr<QueueTroubles>> troubles_;  ///< one a queue
  PipelineWatch watch_;
  AcceptedLoss accepted_;
};

}  // namespace realtime
