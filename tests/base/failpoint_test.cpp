#include "base/failpoint.hpp"

#include <csignal>
#include <cstdlib>

#include <gtest/gtest.h>

namespace realtime::failpoint {
namespace {

// Each death test runs hit() in a process of its own, so that what is armed there stays there.
void pass(const char* armed, Point point, int times) {
  ::setenv("HASH_REALTIME_FAILPOINT", armed, 1);
  for (int i = 0; i < times; ++i) hit(point);
  std::_Exit(0);
}

TEST(FailpointDeathTest, KillsAtThePointItNames) {
  EXPECT_EXIT(pass("before_push", Point::before_push, 1), testing::KilledBySignal(SIGKILL), "");
  EXPECT_EXIT(pass("before_push", Point::after_confirm, 5), testing::ExitedWithCode(0), "");
}

TEST(FailpointDeathTest, KillsAtTheCountThPass) {
  EXPECT_EXIT(pass("between_queues:3", Point::between_queues, 2), testing::ExitedWithCode(0), "");
  EXPECT_EXIT(pass("between_queues:3", Point::between_queues, 3), testing::KilledBySignal(SIGKILL), "");
}

TEST(FailpointDeathTest, UnarmedDoesNothing) {
  EXPECT_EXIT(pass("", Point::after_receive, 100), testing::ExitedWithCode(0), "");
}

TEST(FailpointDeathTest, AWrongNameOrCountIsNeverTakenForUnarmed) {
  EXPECT_EXIT(pass("before_psuh", Point::before_push, 1), testing::KilledBySignal(SIGABRT), "no failpoint");
  EXPECT_EXIT(pass("before_push:0", Point::before_push, 1), testing::KilledBySignal(SIGABRT), "count");
}

}  // namespace
}  // namespace realtime::failpoint
