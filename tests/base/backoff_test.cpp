#include "base/backoff.hpp"

#include <gtest/gtest.h>

namespace realtime {
namespace {

using namespace std::chrono_literals;

TEST(Backoff, DoublesUpToTheCapWithinItsUpperHalf) {
  Backoff backoff(7, 50ms, 5s);
  Duration full = 50ms;
  for (int i = 0; i < 200; ++i) {
    const Duration wait = backoff.next();
    EXPECT_LE(wait, full);
    EXPECT_GE(wait, full / 2);
    full = std::min<Duration>(full * 2, 5s);
  }
  EXPECT_EQ(backoff.failures(), 200u);
}

TEST(Backoff, StartsAnewAfterSuccess) {
  Backoff backoff(7, 50ms, 5s);
  for (int i = 0; i < 20; ++i) backoff.next();
  backoff.reset();
  EXPECT_LE(backoff.next(), 50ms);
}

TEST(Backoff, TheSeedDecidesTheJitter) {
  Backoff a(1), b(1), c(2);
  bool differs = false;
  for (int i = 0; i < 20; ++i) {
    const Duration wait = a.next();
    EXPECT_EQ(wait, b.next());
    differs = differs || wait != c.next();
  }
  EXPECT_TRUE(differs);
}

TEST(Backoff, NeverOverflows) {
  Backoff backoff(3, 1ns, Duration::max());
  for (int i = 0; i < 200; ++i) EXPECT_GE(backoff.next(), Duration::zero());
}

}  // namespace
}  // namespace realtime
