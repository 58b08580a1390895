// What sharing a frame out costs, beside its plain twin, a std::deque under a std::mutex.
//   one_thread<Q>      offer and take on one thread, nobody in the way
//   share_out<Q>/N     one thread offers, N threads take, in bursts of 64:
//
//        offer --> queue --> taker 1 .. N      each of them counts what it took
//
// The twin also shows what a lock does when a taker is put to sleep while it holds it.
#include <atomic>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "pipeline/work_queue.hpp"
#include "support/report.hpp"

namespace realtime {
namespace {

constexpr std::size_t kBurst = 64;

class LockedQueue {
 public:
  LockedQueue(std::size_t, std::size_t) {}
  bool offer(std::uint64_t sequence) {
    const std::lock_guard lock(mutex_);
    sequences_.push_back(sequence);
    return true;
  }
  bool take(std::size_t, std::uint64_t& sequence) {
    const std::lock_guard lock(mutex_);
    if (sequences_.empty()) return false;
    sequence = sequences_.front();
    sequences_.pop_front();
    return true;
  }

 private:
  std::mutex mutex_;
  std::deque<std::uint64_t> sequences_;
};

template <typename Queue>
void one_thread(benchmark::State& state) {
  Queue queue(256, 1);
  std::uint64_t sequence = 0, taken = 0;
  const bench::Allocations before = bench::allocations();
  for (auto _ : state) {
    queue.offer(taken);
    taken += queue.take(0, sequence);
  }
  bench::report(state, taken, bench::allocations() - before);
}

template <typename Queue>
void share_out(benchmark::State& state) {
  const auto takers = static_cast<std::size_t>(state.range(0));
  Queue queue(256, takers);
  std::atomic<std::uint64_t> taken{0};
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < takers; ++i) {
    threads.emplace_back([&, i] {
      std::uint64_t sequence = 0;
      while (!stop.load(std::memory_order_relaxed)) {
        if (queue.take(i, sequence)) {
          taken.fetch_add(1, std::memory_order_relaxed);
        } else {
          std::this_thread::yield();
        }
      }
    });
  }
  std::uint64_t offered = 0;
  const bench::Allocations before = bench::allocations();
  for (auto _ : state) {
    for (std::size_t i = 0; i < kBurst; ++i) queue.offer(offered++);
    while (taken.load(std::memory_order_relaxed) < offered) std::this_thread::yield();
  }
  bench::report(state, offered, bench::allocations() - before);
  stop = true;
  for (std::thread& thread : threads) thread.join();
}

BENCHMARK(one_thread<WorkQueue>);
BENCHMARK(one_thread<LockedQueue>);
BENCHMARK(share_out<WorkQueue>)->Arg(1)->Arg(2)->Arg(4)->UseRealTime();
BENCHMARK(share_out<LockedQueue>)->Arg(1)->Arg(2)->Arg(4)->UseRealTime();

}  // namespace
}  // namespace realtime
