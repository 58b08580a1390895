#pragma once

#include <chrono>
#include <cstdint>

namespace realtime {

using TimePoint = std::chrono::steady_clock::time_point;
using Duration = std::chrono::steady_clock::duration;

/// Monotonic time. An interface so that the simulation can own the clock. Any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimePoint now() const = 0;
};

/// So much later; TimePoint::max() where there is no such time.
inline TimePoint later(TimePoint now, Duration by) {
  return by > TimePoint::max() - now ? TimePoint::max() : now + by;
}

/// Now as PostgreSQL's protocol and messages count it: microseconds since 2000-01-01 UTC, by this machine's
/// clock. Any thread.
inline std::int64_t server_clock_us() {
  using namespace std::chrono;
  return duration_cast<microseconds>(system_clock::now() - sys_days{January / 1 / 2000}).count();
}

class SteadyClock final : public Clock {
 public:
  TimePoint now() const override { return std::chrono::steady_clock::now(); }
};

}  // namespace realtime
