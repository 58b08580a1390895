#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <utility>

#include "realtime/error.hpp"

namespace realtime {

/// Why a pipeline ended: the first error wins, the rest are its consequences. Any thread. `on_event` is
/// called once on the failing thread; it must not block.
class Outcome {
 public:
  explicit Outcome(std::function<void()> on_event = [] {}) : on_event_(std::move(on_event)) {}

  void fail(Error error) {
    {
      const std::lock_guard lock(mutex_);
      if (error_) return;
      error_ = std::move(error);
    }
    on_event_();
  }
  std::optional<Error> error() const {
    const std::lock_guard lock(mutex_);
    return error_;
  }

 private:
  mutable std::mutex mutex_;  // rare: an error, or the daemon's look at it
  std::optional<Error> error_;
  std::function<void()> on_event_;
};

}  // namespace realtime
