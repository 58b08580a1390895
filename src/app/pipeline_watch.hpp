#pragma once

#include <cstdint>

#include "app/server_watch.hpp"
#include "app/service_board.hpp"
#include "config/config.hpp"
#include "metrics/pipeline_metrics.hpp"
#include "pipeline/pipeline.hpp"

namespace realtime {

/// Looks after a running pipeline every few seconds: shows each queue's state, and lets go of the slot where
/// that helps (Redis out of reach, a server that is silent or stopping). The daemon's thread.
class PipelineWatch {
 public:
  PipelineWatch(const Config& config, ServiceBoard& board, const PipelineMetrics& metrics)
      : config_(config), board_(board), metrics_(metrics), server_(config.replay_window) {}

  /// A pipeline has been started: the server has just let us in, whatever the monitor saw before.
  void begin(TimePoint now);
  void look(Pipeline& pipeline, TimePoint now);
  /// How long the next look may take.
  std::chrono::milliseconds pause(TimePoint now) const;

 private:
  bool look_at_queues(Pipeline& pipeline, TimePoint now);

  const Config& config_;
  ServiceBoard& board_;
  const PipelineMetrics& metrics_;
  ServerWatch server_;
};

}  // namespace realtime
