#include "pipeline/work_queue.hpp"

#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace realtime {
namespace {

TEST(WorkQueue, GivesWhatWasOffered) {
  WorkQueue queue(4, 1);
  std::uint64_t sequence = 0;
  EXPECT_TRUE(queue.looks_empty());
  EXPECT_FALSE(queue.take(0, sequence));
  EXPECT_TRUE(queue.offer(7));
  EXPECT_FALSE(queue.looks_empty());
  EXPECT_TRUE(queue.take(0, sequence));
  EXPECT_EQ(sequence, 7u);
  EXPECT_TRUE(queue.looks_empty());
}

TEST(WorkQueue, HandsEachSequenceToOneTaker) {
  constexpr std::uint64_t kSequences = 20'000;
  constexpr std::size_t kTakers = 3;
  WorkQueue queue(256, kTakers);
  std::vector<std::atomic<int>> taken(kSequences);
  std::atomic<std::uint64_t> all{0};
  std::vector<std::thread> takers;
  for (std::size_t i = 0; i < kTakers; ++i) {
    takers.emplace_back([&, i] {
      while (all.load() < kSequences) {
        std::uint64_t sequence = 0;
        if (queue.take(i, sequence)) {
          taken[sequence].fetch_add(1);
          all.fetch_add(1);
        } else {
          std::this_thread::yield();
        }
      }
    });
  }
  for (std::uint64_t sequence = 0; sequence < kSequences; ++sequence) ASSERT_TRUE(queue.offer(sequence));
  for (std::thread& taker : takers) taker.join();
  for (const auto& times : taken) ASSERT_EQ(times.load(), 1);
}

}  // namespace
}  // namespace realtime
