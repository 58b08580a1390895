// A second thread for a stage that is due. That it makes nothing twice and loses nothing beside the stage's
// own thread is shown by the pipeline's test of a source that is soon full.
#include "pipeline/relief.hpp"

#include <mutex>
#include <set>
#include <thread>

#include <gtest/gtest.h>

namespace realtime {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// Due every `pause`, without a descriptor and deaf, as the reader is in its pauses.
struct Periodic final : Stage {
  explicit Periodic(Duration every) : pause(every) {}
  std::string name() const override { return "periodic"; }
  std::size_t do_work() override {
    const TimePoint now = std::chrono::steady_clock::now();
    ++looks;
    if (now < due) return 0;
    due = now + pause;
    const std::lock_guard lock(mutex);
    who.insert(std::this_thread::get_id());
    steps.fetch_add(1);
    return 1;
  }
  bool has_work() const override { return false; }
  Idle idle() const override { return {.fd = -1, .events = 0, .until = due, .deaf = true}; }
  bool wait_for(std::uint64_t count) const {
    const TimePoint end = std::chrono::steady_clock::now() + seconds(60);
    while (steps < count && std::chrono::steady_clock::now() < end)
      std::this_thread::sleep_for(milliseconds(1));
    return steps >= count;
  }

  const Duration pause;
  TimePoint due{};
  int looks = 0;
  std::atomic<std::uint64_t> steps{0};
  std::mutex mutex;
  std::set<std::thread::id> who;
};

TEST(Relief, StepsAStageThatNobodyElseComesTo) {
  Periodic stage(milliseconds(1));
  StageRunner runner(stage);  // its own thread never comes
  Relief relief(runner);
  relief.start();
  runner.relieve();  // the stage's first step: from now on it is due
  relief.set_wanted(true);
  EXPECT_TRUE(stage.wait_for(20));
  relief.stop();
  EXPECT_EQ(stage.who.size(), 2u) << "the relief's thread took them, after the first";
}

TEST(Relief, KeepsAwayWhileItIsNotWanted) {
  Periodic stage(microseconds(100));
  StageRunner runner(stage);
  Relief relief(runner);
  relief.start();
  runner.relieve();
  const std::uint64_t before = stage.steps;
  std::this_thread::sleep_for(milliseconds(30));
  EXPECT_EQ(stage.steps, before);
  relief.set_wanted(true);
  EXPECT_TRUE(stage.wait_for(before + 1));
  relief.set_wanted(false);
  std::uint64_t after = stage.steps;
  bool quiet = false;  // a step may be on its way
  for (int i = 0; i < 100 && !quiet; ++i) {
    std::this_thread::sleep_for(milliseconds(30));
    quiet = after == stage.steps;
    after = stage.steps;
  }
  EXPECT_TRUE(quiet);
}

TEST(Relief, StepsOnlyWhatIsDue) {
  Periodic stage(seconds(3'600));
  StageRunner runner(stage);
  Relief relief(runner);
  relief.start();
  relief.set_wanted(true);
  runner.relieve();
  std::this_thread::sleep_for(milliseconds(50));
  relief.stop();
  EXPECT_EQ(stage.steps, 1u);
  EXPECT_EQ(stage.looks, 2) << "the step and the look that found nothing more to do";
}

TEST(Relief, TakesTurnsWithTheStagesOwnThread) {
  Periodic stage(microseconds(50));
  StageRunner runner(stage);
  Relief relief(runner);
  runner.start();
  relief.start();
  relief.set_wanted(true);
  EXPECT_TRUE(stage.wait_for(2'000));
  relief.stop();
  runner.join();
  EXPECT_EQ(runner.steps(), stage.steps);
}

}  // namespace
}  // namespace realtime
