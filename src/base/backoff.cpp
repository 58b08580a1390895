#include "base/backoff.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace realtime {

Backoff::Backoff(std::uint64_t seed, Duration least, Duration most)
    : state_(seed), least_(least), most_(most) {
  RT_CHECK(least > Duration::zero() && least <= most, "a backoff needs 0 < least <= most");
}

Duration Backoff::next() {
  Duration wait = least_;
  // Doubling stops at the cap, so it cannot overflow however long the trouble lasts.
  for (std::uint64_t i = 0; i < failures_ && wait < most_; ++i) wait = wait > most_ / 2 ? most_ : wait * 2;
  ++failures_;
  const auto half = static_cast<std::uint64_t>(wait.count() / 2);
  return wait - Duration(static_cast<Duration::rep>(random() % (half + 1)));
}

/// SplitMix64: a few lines, and good enough for jitter from any seed.
std::uint64_t Backoff::random() {
  std::uint64_t z = (state_ += 0x9E3779B97F4A7C15u);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

}  // namespace realtime
