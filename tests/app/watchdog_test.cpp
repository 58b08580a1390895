#include "app/watchdog.hpp"

#include <thread>

#include <gtest/gtest.h>

namespace realtime {
namespace {

/// A process that is asked to stop and has a main thread that does not. `code`: what the daemon had ended with.
void stop_and_stay(std::optional<int> code) {
  const StopSignal stop;
  const Config config;
  const ServiceBoard board(config);
  Watchdog watchdog(stop, board);
  if (code) watchdog.ends_with(*code);
  stop.raise();
  for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
}

TEST(WatchdogDeathTest, EndsAProcessThatDoesNotStop) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(stop_and_stay(std::nullopt), testing::ExitedWithCode(1), "");
}

TEST(WatchdogDeathTest, KeepsTheCodeOfADaemonThatHasEnded) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(stop_and_stay(0), testing::ExitedWithCode(0), "");
}

TEST(Watchdog, EndsWithTheServiceThatStops) {
  const StopSignal stop;
  const Config config;
  const ServiceBoard board(config);
  const Watchdog watchdog(stop, board);
  EXPECT_EQ(watchdog.stalled(), "");
}

}  // namespace
}  // namespace realtime
