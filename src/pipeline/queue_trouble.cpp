#include "pipeline/queue_trouble.hpp"

#include <utility>

#include "base/log.hpp"

namespace realtime {

void QueueTroubles::begin(Error error, Lsn at, TimePoint now) {
  metrics_.retries.add();
  metrics_.stuck.set(1);
  const std::lock_guard lock(mutex_);
  if (trouble_ && trouble_->error.kind == error.kind) return;
  log::warn("queue is stuck: " + error.message, {{"queue", queue_},
                                                 {"error", std::string(policy_of(error.kind).name)},
                                                 {"lsn", to_string(at)},
                                                 {"remedy", std::string(error.what_to_do())}});
  trouble_ = QueueTrouble{std::move(error), trouble_ ? trouble_->since : now};
}

void QueueTroubles::end(TimePoint now) {
  if (metrics_.stuck.value() == 0) return;
  metrics_.stuck.set(0);
  const std::lock_guard lock(mutex_);
  if (!trouble_) return;
  const auto lasted = std::chrono::duration_cast<std::chrono::seconds>(now - trouble_->since);
  log::info("queue moves again", {{"queue", queue_},
                                  {"error", std::string(policy_of(trouble_->error.kind).name)},
                                  {"lasted_seconds", std::to_string(lasted.count()), true}});
  trouble_.reset();
}

std::optional<QueueTrouble> QueueTroubles::now() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

}  // namespace realtime
