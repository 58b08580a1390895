#include "app/stall_rule.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace realtime {
namespace {

using std::chrono::seconds;

class StallRuleTest : public testing::Test {
 protected:
  /// What the rule says after looking every two seconds for so long.
  std::string after(seconds time, const std::vector<Pulse>& pulses) {
    std::string words;
    for (const TimePoint end = now_ + time; now_ < end;) {
      now_ += seconds(2);
      words = rule_.look(pulses, now_);
    }
    return words;
  }

  StallRule rule_;
  TimePoint now_ = TimePoint(seconds(1000));
};

TEST_F(StallRuleTest, WhoIsDueAndDoesNotMoveStandsStill) {
  EXPECT_EQ(after(seconds(60), {{"reader", 4, false}, {"writer-0", 7, true}}), "");
  EXPECT_EQ(after(seconds(4), {{"reader", 4, false}, {"writer-0", 7, true}}),
            "writer-0 has made no step for 60 s while it had work");
}

TEST_F(StallRuleTest, OthersThatMoveDoNotHideIt) {
  std::string words;
  for (std::uint64_t i = 0; i < 40; ++i)
    words = after(seconds(2), {{"reader", i, true}, {"writer-0", 7, true}});
  EXPECT_EQ(words, "writer-0 has made no step for 60 s while it had work");
}

TEST_F(StallRuleTest, AMoveOrNoWorkBeginsAnew) {
  after(seconds(50), {{"writer-0", 7, true}});
  EXPECT_EQ(after(seconds(50), {{"writer-0", 9, true}}), "");
  after(seconds(2), {{"writer-0", 9, false}});
  EXPECT_EQ(after(seconds(50), {{"writer-0", 9, true}}), "");
}

TEST_F(StallRuleTest, EachHasItsOwnLimit) {
  const std::vector<Pulse> main{{"the main thread", 1, true, seconds(180)}};
  EXPECT_EQ(after(seconds(180), main), "");
  EXPECT_EQ(after(seconds(4), main), "the main thread has made no step for 180 s while it had work");
}

TEST_F(StallRuleTest, AProcessThatWasFrozenHasNotStoodStill) {
  after(seconds(10), {{"writer-0", 7, true}});
  now_ += seconds(600);
  EXPECT_EQ(after(seconds(50), {{"writer-0", 7, true}}), "");
  EXPECT_NE(after(seconds(20), {{"writer-0", 7, true}}), "");
}

TEST_F(StallRuleTest, ItEndsWhenItMovesAgain) {
  EXPECT_NE(after(seconds(70), {{"writer-0", 7, true}}), "");
  EXPECT_EQ(after(seconds(2), {{"writer-0", 8, true}}), "");
}

}  // namespace
}  // namespace realtime
