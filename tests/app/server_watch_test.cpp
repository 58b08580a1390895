#include "app/server_watch.hpp"

#include <gtest/gtest.h>

namespace realtime {
namespace {

using std::chrono::seconds;

class ServerWatchTest : public ::testing::Test {
 protected:
  ServerWatchTest() { watch_.begin(at(0)); }
  static TimePoint at(int second) { return TimePoint{} + seconds(1000 + second); }
  bool closes(ServerSeen seen, std::uint64_t messages, int second) {
    if (server_.seen != seen) server_ = {seen, at(second)};
    return watch_.look(server_, messages, stuck_, at(second)) != nullptr;
  }
  ServerWatch watch_{seconds(3)};
  ServiceBoard::Server server_;
  bool stuck_ = false;
};

TEST_F(ServerWatchTest, AMuteStreamIsKeptWhileTheMonitorHearsTheServer) {
  EXPECT_FALSE(closes(ServerSeen::answers, 0, 3600));
}

TEST_F(ServerWatchTest, AMuteMonitorIsNoReasonWhileTheStreamMoves) {
  for (int second = 1; second < 60; ++second)
    EXPECT_FALSE(closes(ServerSeen::silent, static_cast<std::uint64_t>(second), second));
}

TEST_F(ServerWatchTest, AServerThatNobodyHearsIsLeftSoonAndOnce) {
  EXPECT_FALSE(closes(ServerSeen::silent, 0, 8));
  EXPECT_TRUE(closes(ServerSeen::silent, 0, 9));
  EXPECT_FALSE(closes(ServerSeen::silent, 0, 10));
  watch_.begin(at(20));
  EXPECT_FALSE(closes(ServerSeen::silent, 0, 28));
  EXPECT_TRUE(closes(ServerSeen::silent, 0, 29));
}

TEST_F(ServerWatchTest, AStoppingServerIsHeldUpForTheWindowThoughTheStreamMoves) {
  EXPECT_EQ(watch_.next_due(), TimePoint::max());
  EXPECT_FALSE(closes(ServerSeen::stopping, 1, 10));
  EXPECT_GE(watch_.next_due(), at(13));
  EXPECT_LT(watch_.next_due(), at(14));
  EXPECT_FALSE(closes(ServerSeen::stopping, 2, 13));
  EXPECT_TRUE(closes(ServerSeen::stopping, 3, 14));
  EXPECT_EQ(watch_.next_due(), TimePoint::max()) << "nobody waits for what is over";
}

TEST_F(ServerWatchTest, AStoppingServerIsLeftAtOnceWhereAQueueIsStuck) {
  stuck_ = true;
  EXPECT_FALSE(closes(ServerSeen::answers, 1, 9));
  EXPECT_TRUE(closes(ServerSeen::stopping, 1, 10));
}

TEST_F(ServerWatchTest, AServerThatAnswersAgainDoesNotStop) {
  EXPECT_FALSE(closes(ServerSeen::stopping, 1, 10));
  EXPECT_FALSE(closes(ServerSeen::answers, 1, 12));
  EXPECT_FALSE(closes(ServerSeen::stopping, 1, 14));
  EXPECT_FALSE(closes(ServerSeen::stopping, 1, 17));
  EXPECT_TRUE(closes(ServerSeen::stopping, 1, 18));
}

}  // namespace
}  // namespace realtime
