#include "pipeline/reading_pace.hpp"

#include <gtest/gtest.h>

namespace realtime {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

struct Socket final : Source {
  Result<Drained> drain(Frame&) override { return Drained::emptied; }
  Status send_status(Lsn, Lsn, bool) override { return ok(); }
  void close() override {}
  int fd() const override { return -1; }
  Duration longest_pause() const override { return longest; }
  std::size_t room_for_pause() const override { return room; }
  Duration longest = milliseconds(8);
  std::size_t room = 1 << 20;
};

struct Pacing : testing::Test {
  Duration after(std::size_t messages, std::size_t bytes = 1000, bool caught_up = false) {
    pace.emptied({messages, bytes, caught_up}, socket);
    return pace.pause();
  }
  Duration after_many(int times, std::size_t messages, std::size_t bytes = 1000) {
    for (int i = 1; i < times; ++i) after(messages, bytes);
    return after(messages, bytes);
  }
  Socket socket;
  ReadingPace pace;
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
  EXPECT_EQ(after(50), microseconds(800));
  EXPECT_TRUE(pace.is_behind());
  EXPECT_EQ(after_many(19, 50), microseconds(800));
  EXPECT_EQ(after(50), microseconds(1600));
  EXPECT_EQ(after_many(20, 50), microseconds(3200));
  EXPECT_EQ(after_many(200, 50), milliseconds(8));
}

TEST_F(Pacing, TheServersWordThatItHasNothingMoreEndsIt) {
  after_many(200, 50);
  EXPECT_EQ(after(50, 1000, true), microseconds(80));
  EXPECT_FALSE(pace.is_behind());
  EXPECT_EQ(after_many(19, 50), microseconds(80)) << "it is earned anew";
  EXPECT_EQ(after(50), microseconds(800)) << "from the beginning";
}

TEST_F(Pacing, ALoneMessageIsNoSignOfBeingBehindAndNeverWaits) {
  EXPECT_EQ(after_many(100, 1), Duration::zero());
  EXPECT_FALSE(pace.is_behind());
  after_many(100, 50);
  EXPECT_EQ(after(1), Duration::zero());
  EXPECT_EQ(after(0), Duration::zero());
}

TEST_F(Pacing, GoesNoFurtherThanTheSocketHolds) {
  socket.room = 100'000;
  EXPECT_EQ(after_many(40, 50, 50'000), microseconds(1600)) << "twice as much would just fit";
  EXPECT_EQ(after_many(100, 50, 50'001), microseconds(1600));
  EXPECT_EQ(after_many(20, 50, 100'001), microseconds(800)) << "more comes now";
  EXPECT_EQ(after_many(100, 50, 100'001), microseconds(800)) << "no socket is as small as that";
}

TEST_F(Pacing, TakesTheSocketsWordForItsLongestPause) {
  socket.longest = microseconds(100);
  EXPECT_EQ(after_many(20, 50), microseconds(100));
  EXPECT_EQ(after_many(100, 50), microseconds(100));
  EXPECT_EQ(after_many(100, 50, 10 << 20), microseconds(100));
}

}  // namespace
}  // namespace realtime
