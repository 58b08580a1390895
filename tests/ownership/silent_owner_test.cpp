#include "ownership/silent_owner.hpp"

#include <gtest/gtest.h>

namespace realtime {
namespace {

using std::chrono::seconds;

class SilentOwnerTest : public ::testing::Test {
 protected:
  /// Looks every second from `from` to `to`; how often it was said to be overdue.
  int overdue(int from, int to) {
    int times = 0;
    for (int second = from; second <= to; ++second)
      times += rule_.is_overdue(signs_, TimePoint{} + seconds(1000 + second));
    return times;
  }
  SilentOwner rule_{seconds(10)};
  SilentOwner::Signs signs_{77, false, Lsn{5}, std::nullopt};
};

TEST_F(SilentOwnerTest, IsEndedAfterTheLeaseAndOnceMoreAfterAnother) {
  EXPECT_EQ(overdue(0, 10), 0);
  EXPECT_EQ(overdue(11, 11), 1);
  EXPECT_EQ(overdue(12, 21), 0);
  EXPECT_EQ(overdue(22, 22), 1);
}

TEST_F(SilentOwnerTest, IsLeftAloneWhereItsWalsenderWaits) {
  signs_.waits = true;
  EXPECT_EQ(overdue(0, 100), 0);
}

TEST_F(SilentOwnerTest, IsLeftAloneWhileItsOtherConnectionSpeaks) {
  signs_.companion_silence = seconds(3);
  EXPECT_EQ(overdue(0, 100), 0);
  signs_.companion_silence = seconds(11);
  EXPECT_EQ(overdue(101, 101), 1);
}

TEST_F(SilentOwnerTest, AShortLeaseLeavesAnIdleOwnerTheTimeToSpeak) {
  SilentOwner hasty(seconds(1));
  EXPECT_FALSE(hasty.is_overdue(signs_, TimePoint{} + seconds(1000)));
  EXPECT_FALSE(hasty.is_overdue(signs_, TimePoint{} + seconds(1006)));
  EXPECT_TRUE(hasty.is_overdue(signs_, TimePoint{} + seconds(1007)));
}

TEST_F(SilentOwnerTest, ASignOfLifeBeginsTheLeaseAnew) {
  EXPECT_EQ(overdue(0, 9), 0);
  signs_.confirmed = Lsn{6};
  EXPECT_EQ(overdue(10, 20), 0);
  signs_.pid = 78;
  EXPECT_EQ(overdue(21, 31), 0);
  EXPECT_EQ(overdue(32, 32), 1);
}

}  // namespace
}  // namespace realtime
