#include "app/queue_lengths.hpp"

#include <utility>

namespace realtime {
namespace {

constexpr std::chrono::milliseconds kSilence{1000};
constexpr Duration kPause = std::chrono::seconds(5);

}  // namespace

QueueLengths::QueueLengths(const Config& config, const Wiring& wiring, PipelineMetrics& metrics,
                           std::function<bool()> give_up)
    : wiring_(wiring), metrics_(metrics), give_up_(std::move(give_up)) {
  for (const QueueSpec& queue : config.queues) names_.push_back(queue.name);
}

void QueueLengths::look(TimePoint now) {
  if (now < next_) return;
  if (!store_) {
    redis::Endpoint endpoint = wiring_.redis_endpoint();
    endpoint.silence = kSilence;
    store_.emplace(std::move(endpoint), give_up_);
  }
  const auto keys = store_->look_at(names_);
  if (!keys) {
    next_ = now + kPause;
    store_.reset();
    return;
  }
  for (std::size_t q = 0; q < keys->size(); ++q) {
    const auto& key = (*keys)[q];
    const bool empty = key.type == "none";
    metrics_.queues[q].length_known.set(key.length || empty ? 1 : 0);
    if (key.length || empty) metrics_.queues[q].length.set(key.length.value_or(0));
  }
  evictions_.look(store_->client(), now);
}

}  // namespace realtime
