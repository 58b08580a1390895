#pragma once

#include <algorithm>
#include <cstddef>

#include "base/clock.hpp"

namespace realtime {

/// How much one push may carry, after pushes have broken their connection: limits of Redis for one client
/// (client-query-buffer-limit, maxmemory-clients) and things in between break what is too large for them,
/// with no word about it. The same push is tried a few times as it is; then one place alone, which shows
/// whether a single message is too large. What is taken doubles the limit again, below what broke for a
/// minute. Pure; one writer's.
class PushLimit {
 public:
  explicit PushLimit(std::size_t most) : most_(most), bytes_(most), cap_(most) {}

  std::size_t bytes() const { return bytes_; }
  /// How often a push of one message has broken its connection, one try after the other.
  unsigned broke_alone() const { return alone_; }

  /// The push of so many messages and bytes has broken its connection.
  void broke(std::size_t messages, std::size_t bytes, TimePoint now) {
    alone_ = messages == 1 ? alone_ + 1 : 0;
    if (++broke_ != kTogether) return;
    bytes_ = 1;
    cap_ = std::max<std::size_t>(1, bytes / 2);
    cap_until_ = now + std::chrono::minutes(1);
  }
  /// A step is done, or what was to be pushed has changed.
  void done(TimePoint now) {
    broke_ = alone_ = 0;
    if (bytes_ == most_) return;
    if (now >= cap_until_) cap_ = most_;
    bytes_ = std::min(std::max(bytes_, kLeast) * 2, cap_);
  }

 private:
  static constexpr unsigned kTogether = 4;
  static constexpr std::size_t kLeast = 32 * 1024;

  const std::size_t most_;
  std::size_t bytes_, cap_;
  TimePoint cap_until_{};
  unsigned broke_ = 0, alone_ = 0;
};

}  // namespace realtime
