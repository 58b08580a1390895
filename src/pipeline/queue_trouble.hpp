#pragma once

#include <mutex>
#include <optional>
#include <string>

#include "realtime/error.hpp"
#include "realtime/lsn.hpp"

#include "base/clock.hpp"
#include "metrics/pipeline_metrics.hpp"

namespace realtime {

/// What is wrong with a queue now.
struct QueueTrouble {
  Error error;
  TimePoint since;
};

/// Keeps what is wrong with one queue: one log line when it begins or turns into another kind, one when it
/// ends with how long it took. Written by the queue's writer; now() by any thread.
class QueueTroubles {
 public:
  QueueTroubles(std::string queue, PipelineMetrics::Queue& metrics)
      : queue_(std::move(queue)), metrics_(metrics) {}

  void begin(Error error, Lsn at, TimePoint now);
  void end(TimePoint now);
  std::optional<QueueTrouble> now() const;

 private:
  const std::string queue_;
  PipelineMetrics::Queue& metrics_;
  mutable std::mutex mutex_;  // rare: only when something fails, heals or is asked for
  std::optional<QueueTrouble> trouble_;
};

}  // namespace realtime
