#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/eviction_watch.hpp"
#include "app/service_board.hpp"
#include "metrics/pipeline_metrics.hpp"
#include "redis/records.hpp"
#include "wiring/wiring.hpp"

namespace realtime {

/// How long the queues are and how much of it waits for a consumer, which changes while nothing is pushed. Over a connection of
/// its own, made when first needed. One thread; a Redis that does not answer holds it up for a second, and is
/// left alone for some seconds then. A user who may not ask makes lengths unknown.
class QueueLengths {
 public:
  QueueLengths(const Config& config, const Wiring& wiring, PipelineMetrics& metrics, ServiceBoard& board,
               std::function<bool()> give_up);

  void look(TimePoint now);

 private:
  void tell(std::size_t queue, const redis::QueueKey& key, TimePoint now);

  const Wiring& wiring_;
  PipelineMetrics& metrics_;
  ServiceBoard& board_;
  const std::function<bool()> give_up_;
  std::vector<std::string> names_;
  std::optional<redis::RecordStore> store_;
  TimePoint next_{};
  EvictionWatch evictions_;
  struct Cut {
    std::uint64_t entries = 0;  ///< as Redis told last
    TimePoint quiet_until{};
  };
  std::vector<Cut> cuts_;  ///< a queue each
};

}  // namespace realtime
