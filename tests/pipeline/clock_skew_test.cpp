#include "pipeline/clock_skew.hpp"

#include <gtest/gtest.h>

namespace realtime {
namespace {

constexpr std::int64_t kSecond = 1'000'000, kHour = 3600 * kSecond, kNow = 8'000 * kHour;

TEST(ClockSkew, IsNothingWhereTheClocksAgree) {
  ClockSkew skew;
  EXPECT_EQ(skew.saw(kNow - 200, kNow), 0);
  EXPECT_EQ(skew.saw(kNow, kNow + 3 * kSecond), 0) << "a message that was late says nothing of the clock";
}

TEST(ClockSkew, IsSeenInEitherDirection) {
  ClockSkew behind, ahead;
  EXPECT_EQ(behind.saw(kNow - kHour - 200, kNow), kHour + 200);
  EXPECT_EQ(behind.saw(kNow - kHour, kNow + 5 * kSecond), kHour + 200);
  EXPECT_EQ(ahead.saw(kNow + kHour, kNow), -kHour);
  EXPECT_EQ(ahead.saw(kNow + kHour, kNow + 5 * kSecond), -kHour);
}

TEST(ClockSkew, FollowsAClockThatIsSet) {
  ClockSkew skew;
  skew.saw(kNow, kNow + 100);
  std::int64_t said = 0;
  for (int i = 1; i <= 130; ++i) said = skew.saw(kNow + i * kSecond, kNow + kHour + i * kSecond);
  EXPECT_EQ(said, kHour);
  EXPECT_EQ(skew.saw(kNow + 200 * kSecond, kNow + 200 * kSecond), 0) << "set back again";
}

TEST(ClockSkew, ALagIsNoSkewAsLongAsSomethingCameInTime) {
  ClockSkew skew;
  skew.saw(kNow, kNow + 100);
  for (int i = 1; i < 50; ++i) EXPECT_EQ(skew.saw(kNow, kNow + i * kSecond), 0);
}

}  // namespace
}  // namespace realtime
