#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

namespace realtime {

/// How far the server's clock is behind ours, from the times of its messages: what they take at least, which
/// no network explains (less than nothing, or more than a second). Without it a delivery would be said to
/// take hours, or no time at all, where clocks differ. Follows clocks that are set: only the last minute or
/// two count. Microseconds. One thread.
class ClockSkew {
 public:
  /// A message that the server says it sent at `sent` has come by our clock `now`. What is to be added to its
  /// time to get ours.
  std::int64_t saw(std::int64_t sent, std::int64_t now) {
    if (now < window_began_ || now - window_began_ > kWindow) {
      last_least_ = now < window_began_ ? kNone : least_;
      least_ = kNone;
      window_began_ = now;
    }
    least_ = std::min(least_, now - sent);
    const std::int64_t least = std::min(least_, last_least_);
    return least < 0 || least > kLongestWay ? least : 0;
  }

 private:
  static constexpr std::int64_t kWindow = 60'000'000;
  static constexpr std::int64_t kLongestWay = 1'000'000;
  static constexpr std::int64_t kNone = std::numeric_limits<std::int64_t>::max();

  std::int64_t window_began_ = std::numeric_limits<std::int64_t>::max();
  std::int64_t least_ = kNone, last_least_ = kNone;
};

}  // namespace realtime
