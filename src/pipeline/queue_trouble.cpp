#include "pipeline/queue_trouble.hpp"

#include <utility>

#include "base/log.hpp"

namespace realtime {

Duration QueueTroubles::failed(What what, Error error, Lsn at, TimePoint now) {
  metrics_.retries.add();
  metrics_.stuck.set(1);
  if (what == What::step) failed_ = What::step;
  const std::lock_guard lock(mutex_);
  const auto kind = static_cast<std::size_t>(error.kind);
  if (!said_.test(kind)) {
    said_.set(kind);
    log::warn("queue is stuck: " + error.message, {{"queue", queue_},
                                                   {"error", std::string(policy_of(error.kind).name)},
                                                   {"lsn", to_string(at)},
                                                   {"remedy", std::string(error.what_to_do())}});
  }
  trouble_ = QueueTrouble{std::move(error), trouble_ ? trouble_->since : now};
  return backoff_.next();
}

void QueueTroubles::worked(What what, TimePoint now) {
  if (what == What::connection && failed_ == What::step) return;
  backoff_.reset();
  if (metrics_.stuck.value() != 0) end(now);
}

void QueueTroubles::end(TimePoint now) {
  const std::lock_guard lock(mutex_);
  metrics_.stuck.set(0);
  failed_ = What::connection;
  said_.reset();
  if (!trouble_) return;
  const auto lasted = std::chrono::duration_cast<std::chrono::seconds>(now - trouble_->since);
  log::info("queue moves again", {{"queue", queue_},
                                  {"error", std::string(policy_of(trouble_->error.kind).name)},
                                  {"lasted_seconds", std::to_string(lasted.count()), true}});
  trouble_.reset();
}

void QueueTroubles::let_go() {
  backoff_.reset();
  const std::lock_guard lock(mutex_);
  metrics_.stuck.set(0);
  failed_ = What::connection;
  said_.reset();
  trouble_.reset();
}

std::optional<QueueTrouble> QueueTroubles::now() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

}  // namespace realtime
