// What handing work to the next stage costs, from publishing it to its being done:
//
//   there --wake or carry--> stage     the stage answers by raising a number that the caller waits for
//
//   wake_sleeping   the stage's thread sleeps and is woken (eventfd); the caller yields until it has answered
//   carry_idle      the caller takes the stage's step itself
//   wake_busy       the stage is awake already: what a wake costs when nobody sleeps
//   turn            take() and give_back() of a free stage
#include <atomic>
#include <thread>

#include "pipeline/stage_runner.hpp"
#include "support/report.hpp"

namespace realtime {
namespace {

/// Does whatever is asked: answers up to the number that was asked for.
class Answering final : public Stage {
 public:
  std::string name() const override { return "answering"; }
  std::size_t do_work() override {
    const std::uint64_t upto = asked.load(std::memory_order_acquire);
    const std::uint64_t done = upto - answered.load(std::memory_order_relaxed);
    answered.store(upto, std::memory_order_release);
    return done;
  }
  bool has_work() const override {
    return asked.load(std::memory_order_acquire) != answered.load(std::memory_order_relaxed);
  }
  Idle idle() const override { return {}; }

  std::atomic<std::uint64_t> asked{0}, answered{0};
};

/// Always has something to do, so that its thread never sleeps.
class Restless final : public Stage {
 public:
  std::string name() const override { return "restless"; }
  std::size_t do_work() override { return 1; }
  bool has_work() const override { return true; }
  Idle idle() const override { return {}; }
};

void settle() {
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
}

template <typename HandOver>
void hand_over(benchmark::State& state, const HandOver& hand_over_to) {
  Answering stage;
  StageRunner runner(stage);
  runner.start();
  settle();
  const bench::Allocations before = bench::allocations();
  std::uint64_t count = 0;
  for (auto _ : state) {
    stage.asked.store(++count, std::memory_order_release);
    hand_over_to(runner);
    while (stage.answered.load(std::memory_order_acquire) != count) std::this_thread::yield();
  }
  bench::report(state, count, bench::allocations() - before);
  runner.stop();
  runner.join();
}

void wake_sleeping(benchmark::State& state) {
  hand_over(state, [](StageRunner& runner) { runner.wake(); });
}
void carry_idle(benchmark::State& state) {
  hand_over(state, [](StageRunner& runner) { runner.carry(); });
}
void wake_busy(benchmark::State& state) {
  Restless stage;
  StageRunner runner(stage);
  runner.start();
  settle();
  for (auto _ : state) runner.wake();
  runner.stop();
  runner.join();
}
void turn(benchmark::State& state) {
  Turn one;
  for (auto _ : state) {
    benchmark::DoNotOptimize(one.take());
    benchmark::DoNotOptimize(one.give_back());
  }
}

BENCHMARK(wake_sleeping)->UseRealTime();
BENCHMARK(carry_idle)->UseRealTime();
BENCHMARK(wake_busy);
BENCHMARK(turn);

}  // namespace
}  // namespace realtime
