#include "app/queue_lengths.hpp"

#include <utility>

#include "base/log.hpp"

namespace realtime {
namespace {

constexpr std::chrono::milliseconds kSilence{1000};
constexpr Duration kPause = std::chrono::seconds(5);
constexpr Duration kRepeat = std::chrono::minutes(1);

}  // namespace

QueueLengths::QueueLengths(const Config& config, const Wiring& wiring, PipelineMetrics& metrics,
                           ServiceBoard& board, std::function<bool()> give_up)
    : wiring_(wiring), metrics_(metrics), board_(board), give_up_(std::move(give_up)) {
  for (const QueueSpec& queue : config.queues) names_.push_back(queue.name);
  cuts_.resize(names_.size());
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
    if (!key.has_record) continue;  // forgotten: what was seen last tells how much is lost
    const bool empty = key.type == "none";
    metrics_.queues[q].length_known.set(key.length || empty ? 1 : 0);
    if (key.length || empty) metrics_.queues[q].length.set(key.length.value_or(0));
    tell(q, key, now);
  }
  evictions_.look(store_->client(), now);
}

/// What waits, and what was cut off unread: that is counted, and said once a minute at most.
void QueueLengths::tell(std::size_t queue, const redis::QueueKey& key, TimePoint now) {
  Cut& known = cuts_[queue];
  const std::uint64_t cut = key.cut_unread;
  const bool more = cut > known.entries;
  board_.update([&](ServiceFacts& facts) {
    QueueFacts& its = facts.queues[queue];
    its.waiting = key.type == "none" ? std::optional<std::uint64_t>(0) : key.waiting;
    if (more) its.cut_unread += cut - known.entries;
  });
  known.entries = cut;
  if (!more || now < known.quiet_until) return;
  known.quiet_until = now + kRepeat;
  log::warn("stream " + names_[queue] + ": " + std::to_string(cut) +
                " entries were cut off before its slowest consumer group had read them",
            {{"queue", names_[queue]},
             {"remedy",
              "Raise HASH_REALTIME_STREAM_MAXLEN, or let the group read faster; XINFO GROUPS shows it."}});
}

}  // namespace realtime
