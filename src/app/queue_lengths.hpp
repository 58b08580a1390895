#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/eviction_watch.hpp"
#include "metrics/pipeline_metrics.hpp"
#include "redis/records.hpp"
#include "wiring/wiring.hpp"

namespace realtime {

/// How long the queues are while nothing is pushed: consumers shorten them meanwhile. Over a connection of
/// its own, made when first needed. One thread; a Redis that does not answer holds it up for a second, and is
/// left alone for some seconds then. A user who may not ask makes lengths unknown.
class QueueLengths {
 public:
  QueueLengths(const Config& config, const Wiring& wiring, PipelineMetrics& metrics,
               std::function<bool()> give_up);

  void look(TimePoint now);

 private:
  const Wiring& wiring_;
  PipelineMetrics& metrics_;
  const std::function<bool()> give_up_;
  std::vector<std::string> names_;
  std::optional<redis::RecordStore> store_;
  TimePoint next_{};
  EvictionWatch evictions_;
};

}  // namespace realtime
