#pragma once

#include <cstdint>

#include "base/clock.hpp"

namespace realtime {

/// How long to wait before the next try: doubles from `least` up to `most`, each wait drawn evenly from its
/// upper half, so that instances that failed together do not come back together. Pure: the caller does the
/// waiting. One thread at a time.
class Backoff {
 public:
  /// `seed` decides the jitter; the same seed gives the same waits.
  explicit Backoff(std::uint64_t seed, Duration least = std::chrono::milliseconds(50),
                   Duration most = std::chrono::seconds(5));

  /// The wait before the next try; each call counts as one failure.
  Duration next();
  /// It worked: the next wait is short again.
  void reset() { failures_ = 0; }
  std::uint64_t failures() const { return failures_; }

 private:
  std::uint64_t random();

  std::uint64_t state_;
  Duration least_, most_;
  std::uint64_t failures_ = 0;
};

}  // namespace realtime
