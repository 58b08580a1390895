#include "app/accepted_loss.hpp"

#include <algorithm>

#include "realtime/checkpoint_text.hpp"

namespace realtime {
namespace {

constexpr std::chrono::milliseconds kSilence{1000};
constexpr Duration kInterval = std::chrono::milliseconds(500);

}  // namespace

AcceptedLoss::AcceptedLoss(const Config& config, const Wiring& wiring, const ServiceBoard& board,
                           std::function<bool()> give_up)
    : wiring_(wiring), board_(board), give_up_(std::move(give_up)) {
  for (const QueueSpec& queue : config.queues) names_.push_back(queue.name);
}

std::string AcceptedLoss::look(TimePoint now) {
  const ServiceFacts facts = board_.facts();
  const bool marked = std::any_of(facts.queues.begin(), facts.queues.end(),
                                  [](const QueueFacts& queue) { return queue.degraded.has_value(); });
  if (!marked) {
    next_ = TimePoint::max();
    store_.reset();
    return {};
  }
  if (next_ != TimePoint::max() && now < next_) return {};
  next_ = now + kInterval;
  return look_now();
}

std::string AcceptedLoss::look_now() {
  if (!store_) {
    redis::Endpoint endpoint = wiring_.redis_endpoint();
    endpoint.silence = kSilence;
    store_.emplace(std::move(endpoint), give_up_);
  }
  const auto texts = store_->read_all(names_);
  if (!texts) return {};  // the writers say what is wrong
  const ServiceFacts facts = board_.facts();
  std::string accepted;
  for (std::size_t q = 0; q < names_.size(); ++q) {
    if (!facts.queues[q].degraded || !(*texts)[q]) continue;
    const Result<Record> record = parse_record(*(*texts)[q]);
    if (record && record->loss.empty()) accepted += (accepted.empty() ? "" : ", ") + names_[q];
  }
  return accepted;
}

}  // namespace realtime
