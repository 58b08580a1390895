#pragma once

#include "base/clock.hpp"

namespace realtime::sim {

/// Time that moves only when the schedule moves it.
class SimClock final : public Clock {
 public:
  TimePoint now() const override { return now_; }
  void advance(Duration by) { now_ += by; }
  void advance_to(TimePoint to) {
    if (to > now_) now_ = to;
  }

 private:
  TimePoint now_{std::chrono::hours(1)};  // the stages take the epoch for "never"
};

}  // namespace realtime::sim
