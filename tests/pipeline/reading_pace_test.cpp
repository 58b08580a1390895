#include "pipeline/reading_pace.hpp"

#include <utility>

#include <gtest/gtest.h>

namespace realtime {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

/// A stream that brings `rate` bytes a microsecond while there is room for them.
struct Pacing : testing::Test {
  Duration after(std::size_t messages, bool caught_up = false) {
    now += pace.pause();
    const auto since_us =
        static_cast<std::size_t>(std::chrono::duration_cast<microseconds>(pace.pause()).count());
    pace.emptied({messages, std::min(room, rate * since_us), caught_up}, now);
    return pace.pause();
  }
  Duration after_many(int times, std::size_t messages) {
    for (int i = 1; i < times; ++i) after(messages);
    return after(messages);
  }
  /// The longest and the last of so many.
  std::pair<Duration, Duration> longest_of(int times) {
    Duration longest{};
    for (int i = 0; i < times; ++i) longest = std::max(longest, after(50));
    return {longest, pace.pause()};
  }
  std::size_t rate = 100, room = 10 << 20;
  TimePoint now{};
  ReadingPace pace{milliseconds(8)};
};

TEST_F(Pacing, WaitsForAQuietStreamAndPausesForABusyOne) {
  EXPECT_EQ(after(5), Duration::zero());
  EXPECT_FALSE(pace.is_busy());
  EXPECT_EQ(after(6), microseconds(80));
  EXPECT_TRUE(pace.is_busy());
  EXPECT_EQ(after(0), Duration::zero());
}

TEST_F(Pacing, PausesLongerAndLongerBehindAStreamThatGoesOn) {
  EXPECT_EQ(after_many(19, 50), microseconds(80));
  EXPECT_FALSE(pace.is_behind());
  EXPECT_EQ(after(50), microseconds(500));
  EXPECT_TRUE(pace.is_behind());
  EXPECT_EQ(after_many(19, 50), microseconds(500));
  EXPECT_EQ(after(50), milliseconds(1));
  EXPECT_EQ(after_many(20, 50), milliseconds(2));
  EXPECT_EQ(after_many(40, 50), milliseconds(8));
  EXPECT_EQ(longest_of(5000), std::pair(Duration(milliseconds(8)), Duration(milliseconds(8))));
}

TEST_F(Pacing, TheServersWordThatItHasNothingMoreEndsIt) {
  after_many(200, 50);
  EXPECT_EQ(after(50, true), microseconds(80));
  EXPECT_FALSE(pace.is_behind());
  EXPECT_EQ(after_many(19, 50), microseconds(80)) << "it is earned anew";
  EXPECT_EQ(after(50), microseconds(500)) << "from the beginning";
}

TEST_F(Pacing, ALoneMessageIsNoSignOfBeingBehindAndNeverWaits) {
  EXPECT_EQ(after_many(100, 1), Duration::zero());
  EXPECT_FALSE(pace.is_behind());
  after_many(100, 50);
  EXPECT_EQ(after(1), Duration::zero());
  EXPECT_EQ(after(0), Duration::zero());
}

TEST_F(Pacing, GoesNoFurtherThanTheSocketHolds) {
  room = 250'000;  // 2.5 ms
  EXPECT_EQ(after_many(80, 50), milliseconds(4)) << "it is tried";
  EXPECT_EQ(after_many(20, 50), milliseconds(2)) << "and makes the stream slower by three eighths";
  EXPECT_EQ(longest_of(24 * 20).first, milliseconds(2)) << "it rests";
}

TEST_F(Pacing, TriesAgainWhatDidNotFit) {
  room = 50'000;  // 0.5 ms
  EXPECT_EQ(after_many(20 + 40, 50), microseconds(500));
  EXPECT_EQ(longest_of(24 * 20).first, microseconds(500)) << "it rests";
  room = 10 << 20;
  EXPECT_EQ(after_many(6 * 20, 50), milliseconds(8));
}

TEST_F(Pacing, GoesBackWhereTheStreamHasBecomeWider) {
  EXPECT_EQ(after_many(200, 50), milliseconds(8));
  room = 300'000;
  rate = 200;  // 1.5 ms
  EXPECT_EQ(longest_of(60 * 20).second, milliseconds(2));
}

TEST_F(Pacing, TakesTheSocketsWordForItsLongestPause) {
  pace = ReadingPace(microseconds(100));
  EXPECT_EQ(after_many(20, 50), microseconds(100));
  EXPECT_EQ(longest_of(5000), std::pair(Duration(microseconds(100)), Duration(microseconds(100))));
}

}  // namespace
}  // namespace realtime
