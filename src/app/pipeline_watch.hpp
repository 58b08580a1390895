#pragma once

#include <atomic>
#include <cstdint>

#include "app/server_watch.hpp"
#include "app/service_board.hpp"
#include "config/config.hpp"
#include "metrics/pipeline_metrics.hpp"
#include "pipeline/pipeline.hpp"

namespace realtime {

/// Looks after a running pipeline every few seconds: shows each queue's state, lets go of the slot where that
/// helps (Redis out of reach, a server that is silent or stopping), and notices a stage that no longer moves.
/// The daemon's thread; is_moving() any.
class PipelineWatch {
 public:
  PipelineWatch(const Config& config, ServiceBoard& board, const PipelineMetrics& metrics)
      : config_(config), board_(board), metrics_(metrics), server_(config.replay_window) {}

  /// A pipeline has been started: the server has just let us in, whatever the monitor saw before.
  void begin(TimePoint now);
  void look(Pipeline& pipeline, TimePoint now);
  /// How long the next look may take.
  std::chrono::milliseconds pause(TimePoint now) const;

  /// False: a stage has had work for a minute and made no step, so that a restart would help.
  bool is_moving() const { return moving_.load(std::memory_order_relaxed); }

 private:
  bool look_at_queues(Pipeline& pipeline, TimePoint now);
  void look_at_steps(const Pipeline& pipeline, bool stuck, TimePoint now);

  const Config& config_;
  ServiceBoard& board_;
  const PipelineMetrics& metrics_;
  ServerWatch server_;
  std::uint64_t last_steps_ = 0;
  TimePoint last_step_at_{};
  /// Written by the daemon's thread, read by the liveness probe. Relaxed: it stands alone.
  std::atomic<bool> moving_{true};
};

}  // namespace realtime
