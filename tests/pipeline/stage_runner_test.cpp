// Threads that sleep, wake and lend each other stages. The outcome that is forbidden everywhere: work that
// was published and told of, and a stage that sleeps on.
#include "pipeline/stage_runner.hpp"

#include <latch>
#include <thread>

#include <gtest/gtest.h>
#include <poll.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace realtime {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Turn, IsOneHoldersAndRemembersWhoAsked) {
  Turn turn;
  EXPECT_TRUE(turn.take());
  EXPECT_FALSE(turn.give_back());
  EXPECT_TRUE(turn.take());
  EXPECT_FALSE(turn.take());
  EXPECT_FALSE(turn.take());
  EXPECT_TRUE(turn.give_back());
  EXPECT_TRUE(turn.take());
  EXPECT_FALSE(turn.give_back()) << "asked for again only by those who asked since";
}

TEST(Turn, IsNeverTwoHoldersAndNoRequestIsLost) {
  Turn turn;
  std::uint64_t plain = 0;  // guarded by the turn alone: the thread sanitizer watches
  std::atomic<std::uint64_t> wanted{0};
  const auto work = [&] {
    for (int i = 0; i < 20'000; ++i) {
      wanted.fetch_add(1);
      while (turn.take()) {
        plain = wanted.load();
        if (!turn.give_back()) break;
      }
    }
  };
  std::thread one(work), two(work), three(work);
  one.join(), two.join(), three.join();
  EXPECT_EQ(plain, 60'000u) << "the last to ask was neither served nor remembered";
}

TEST(Waiter, SleepsUntilItsTime) {
  Waiter waiter;
  const TimePoint before = std::chrono::steady_clock::now();
  waiter.park(-1, 0, before + milliseconds(60), [] { return false; });
  EXPECT_GE(std::chrono::steady_clock::now(), before + milliseconds(60));
}

TEST(Waiter, DoesNotSleepWhereThereIsWorkOrWasAnInterruption) {
  Waiter waiter;
  waiter.park(-1, 0, TimePoint::max(), [] { return true; });
  waiter.interrupt();
  waiter.park(-1, 0, TimePoint::max(), [] { return false; });
  const int event = eventfd(1, EFD_CLOEXEC);
  waiter.park(event, POLLIN, TimePoint::max(), [] { return false; });
  close(event);
}

TEST(Waiter, LosesNoWakeUp) {
  constexpr int kRounds = 5'000;
  Waiter ours, theirs;
  std::atomic<int> to_them{0}, to_us{0};
  std::thread other([&] {
    for (int round = 1; round <= kRounds; ++round) {
      while (to_them.load(std::memory_order_relaxed) < round) {
        theirs.park(-1, 0, TimePoint::max(),
                    [&] { return to_them.load(std::memory_order_relaxed) >= round; });
      }
      to_us.store(round, std::memory_order_relaxed);
      ours.wake();
    }
  });
  for (int round = 1; round <= kRounds; ++round) {
    to_them.store(round, std::memory_order_relaxed);
    theirs.wake();
    while (to_us.load(std::memory_order_relaxed) < round) {
      ours.park(-1, 0, TimePoint::max(), [&] { return to_us.load(std::memory_order_relaxed) >= round; });
    }
  }
  other.join();
}

/// Takes what is offered to it, one a step; under the runner's turn, so `taken` needs no protection of its
/// own.
struct Counting final : Stage {
  std::string name() const override { return "counting-with-a-long-name"; }
  std::size_t do_work() override {
    if (taken == offered.load(std::memory_order_acquire)) return 0;
    ++taken;
    done.store(taken, std::memory_order_release);
    if (std::this_thread::get_id() == home) ++at_home;
    return 1;
  }
  bool has_work() const override { return taken < offered.load(std::memory_order_acquire); }
  Idle idle() const override { return {.fd = fd, .events = POLLIN, .until = TimePoint::max(), .deaf = deaf}; }
  bool wait_for(std::uint64_t count) const {
    const TimePoint end = std::chrono::steady_clock::now() + seconds(60);
    while (done.load(std::memory_order_acquire) < count && std::chrono::steady_clock::now() < end)
      std::this_thread::yield();
    return done.load(std::memory_order_acquire) >= count;
  }

  std::atomic<std::uint64_t> offered{0}, done{0};
  std::uint64_t taken = 0, at_home = 0;
  std::thread::id home{};  ///< the thread that carries
  int fd = -1;
  bool deaf = false;
};

TEST(StageRunner, WakesItsThreadForEveryOffer) {
  Counting stage;
  StageRunner runner(stage);
  runner.start();
  for (std::uint64_t i = 1; i <= 5'000; ++i) {
    stage.offered.fetch_add(1, std::memory_order_release);
    runner.wake();
    ASSERT_TRUE(stage.wait_for(i)) << "the wake-up was lost";
  }
  runner.stop();
  runner.join();
  EXPECT_EQ(runner.steps(), 5'000u);
}

/// Does not come back from its step before it is let go.
struct Blocked final : Stage {
  std::string name() const override { return "blocked"; }
  std::size_t do_work() override {
    inside.count_down();
    let_go.wait();
    return 0;
  }
  bool has_work() const override { return false; }
  Idle idle() const override { return {}; }

  std::latch inside{1}, let_go{1};
};

TEST(StageRunner, ItsPulseIsDueInsideAStepAndMovesWithEach) {
  Blocked stage;
  StageRunner runner(stage);
  EXPECT_FALSE(runner.pulse().is_due);
  runner.start();
  stage.inside.wait();
  const Pulse blocked = runner.pulse();
  EXPECT_EQ(blocked.name, "blocked");
  EXPECT_TRUE(blocked.is_due);
  EXPECT_EQ(runner.pulse().moves, blocked.moves);
  stage.let_go.count_down();
  runner.stop();
  runner.join();
  EXPECT_FALSE(runner.pulse().is_due);
  EXPECT_GT(runner.pulse().moves, blocked.moves);
}

TEST(StageRunner, CarriesOnTheSpot) {
  Counting stage;
  stage.home = std::this_thread::get_id();
  StageRunner runner(stage);  // its own thread is not even there
  stage.offered = 10;
  runner.carry();
  EXPECT_EQ(stage.at_home, 10u);
}

TEST(StageRunner, LosesNothingBetweenCarriersWakersAndItsThread) {
  Counting stage;
  StageRunner runner(stage);
  runner.start();
  constexpr std::uint64_t kEach = 5'000;
  const auto offer = [&](bool carries) {
    for (std::uint64_t i = 0; i < kEach; ++i) {
      stage.offered.fetch_add(1, std::memory_order_release);
      carries ? runner.carry() : runner.wake();
      if (i % 64 == 0) std::this_thread::sleep_for(std::chrono::microseconds(50));  // let it fall asleep
    }
  };
  std::thread waker(offer, false), carrier(offer, true), other(offer, true);
  waker.join(), carrier.join(), other.join();
  EXPECT_TRUE(stage.wait_for(3 * kEach));
  runner.stop();
  runner.join();
  EXPECT_EQ(stage.taken, 3 * kEach);
}

TEST(StageRunner, TellsWhoFollows) {
  Counting second;
  StageRunner next(second);
  struct First final : Stage {
    explicit First(Counting& follower) : follower_(follower) {}
    std::string name() const override { return "first"; }
    std::size_t do_work() override {
      if (left == 0) return 0;
      --left;
      follower_.offered.fetch_add(1, std::memory_order_release);
      return 1;
    }
    bool has_work() const override { return left > 0; }
    Idle idle() const override { return {}; }
    int left = 1'000;
    Counting& follower_;
  } first(second);
  StageRunner runner(first);
  runner.followed_by({&next});
  next.start();
  runner.start();
  EXPECT_TRUE(second.wait_for(1'000));
}

TEST(StageRunner, LeavesADeafStageAloneUntilItsDescriptorIsReady) {
  Counting stage;
  stage.fd = eventfd(0, EFD_CLOEXEC);
  stage.deaf = true;
  StageRunner runner(stage);
  runner.start();
  std::this_thread::sleep_for(milliseconds(60));
  stage.offered = 1;
  runner.wake();
  runner.carry();
  std::this_thread::sleep_for(milliseconds(60));
  EXPECT_EQ(stage.done.load(), 0u);
  const std::uint64_t one = 1;
  ASSERT_EQ(write(stage.fd, &one, sizeof one), 8);
  EXPECT_TRUE(stage.wait_for(1));
  runner.stop();
  runner.join();
  close(stage.fd);
}

TEST(StageRunner, LetsItsThreadBeCourteousAndNoMore) {
  struct Policy final : Stage {
    std::string name() const override { return "policy"; }
    std::size_t do_work() override { return policy.store(sched_getscheduler(0)), 0; }
    bool has_work() const override { return false; }
    Idle idle() const override { return {}; }
    std::atomic<int> policy{-1};
  } stage;
  StageRunner runner(stage);
  runner.start();
  for (const bool courteous : {true, false}) {
    runner.set_courteous(courteous);
    stage.policy = -1;
    runner.interrupt();
    while (stage.policy == -1) std::this_thread::yield();
    EXPECT_EQ(stage.policy, courteous ? SCHED_BATCH : SCHED_OTHER);
  }
}

TEST(StageRunner, InterruptsADeafStage) {
  Counting stage;
  stage.deaf = true;
  StageRunner runner(stage);
  runner.start();
  std::this_thread::sleep_for(milliseconds(60));
  stage.offered = 1;
  runner.interrupt();
  EXPECT_TRUE(stage.wait_for(1));
}

}  // namespace
}  // namespace realtime
