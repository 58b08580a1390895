// The whole pipeline on its real threads, between a server and queues in memory: everything arrives once and
// in order, whichever thread carried it.
#include "pipeline/pipeline.hpp"

#include <filesystem>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>

#include "realtime/checkpoint_text.hpp"

#include "base/log.hpp"
#include "pipeline/memory_ends.hpp"
#include "support/stopwatch.hpp"

namespace realtime {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

int threads_named(const std::string& wanted) {
  int found = 0;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::string name;
    std::getline(std::ifstream(task.path() / "comm"), name);
    found += name == wanted;
  }
  return found;
}

class PipelineOnThreads : public testing::Test {
 protected:
  void SetUp() override { log::start(log::Style::json, log::Level::error); }

  void build(std::uint64_t messages, std::size_t queues, int fails_every,
             Duration longest_pause = Source::kLongestPause) {
    for (std::size_t q = 0; q < queues; ++q) metrics_.queues.emplace_back();
    settings_.max_in_flight_bytes = 512 * 1024;
    settings_.decoder_threads = 2;
    PipelineParts parts;
    auto source = std::make_unique<test::MemorySource>(messages, longest_pause);
    source_ = source.get();
    parts.source = std::move(source);
    parts.plugin = std::make_shared<sim::TextPlugin>();
    for (std::size_t q = 0; q < queues; ++q) {
      auto sink = std::make_unique<test::MemorySink>("q" + std::to_string(q),
                                                     format_record(test::first_record()), fails_every);
      sinks_.push_back(sink.get());
      parts.sinks.push_back(std::move(sink));
    }
    pipeline_ = std::make_unique<Pipeline>(settings_, test::first_plan(queues), std::move(parts), clock_,
                                           metrics_, [] {});
    pipeline_->start();
  }
  bool wait_for(std::uint64_t number, Duration limit) {
    const TimePoint end = clock_.now() + limit;
    while (pipeline_->recorded_by_all() < number && !pipeline_->error() && clock_.now() < end) {
      std::this_thread::sleep_for(milliseconds(1));
    }
    return pipeline_->recorded_by_all() >= number;
  }

  SteadyClock clock_;
  PipelineMetrics metrics_;
  PipelineSettings settings_;
  test::MemorySource* source_ = nullptr;
  std::vector<test::MemorySink*> sinks_;
  std::unique_ptr<Pipeline> pipeline_;
};

TEST_F(PipelineOnThreads, DeliversEverythingOnceAndInOrder) {
  constexpr std::uint64_t kMessages = 40'000;
  build(kMessages, 2, 0);
  EXPECT_EQ(threads_named("relief"), 0);
  EXPECT_TRUE(wait_for(kMessages, seconds(60)));
  EXPECT_TRUE(pipeline_->drain(clock_.now() + seconds(3)));
  EXPECT_FALSE(pipeline_->error());
  for (const auto* sink : sinks_) {
    EXPECT_EQ(sink->held(), kMessages);
    EXPECT_TRUE(sink->right());
  }
  EXPECT_GT(metrics_.reader.carried.value(), 0u);
  EXPECT_GT(metrics_.decoders.frames.value(), 0u);
}

TEST_F(PipelineOnThreads, ReadsASourceThatIsSoonFullOnTwoThreads) {
  constexpr std::uint64_t kMessages = 300'000;
  build(kMessages, 2, 0, std::chrono::microseconds(100));
  EXPECT_EQ(threads_named("relief"), 1);
  EXPECT_TRUE(wait_for(kMessages, seconds(60)));
  pipeline_->abort();
  EXPECT_EQ(threads_named("relief"), 0);
  EXPECT_FALSE(pipeline_->error());
  for (const auto* sink : sinks_) {
    EXPECT_EQ(sink->held(), kMessages);
    EXPECT_TRUE(sink->right());
  }
}

TEST_F(PipelineOnThreads, TakesNothingTwiceWhereRepliesAreLost) {
  constexpr std::uint64_t kMessages = 300'000;
  settings_.writer.gather.batch_bytes = 16 << 10;  // a frame is a batch; of some dozens every seventh
  build(kMessages, 3, 7);
  EXPECT_TRUE(wait_for(kMessages, seconds(60)));
  EXPECT_FALSE(pipeline_->error());
  pipeline_->abort();
  for (const auto* sink : sinks_) {
    EXPECT_EQ(sink->held(), kMessages);
    EXPECT_TRUE(sink->right());
  }
  EXPECT_GT(metrics_.queues[0].retries.value(), 0u);
}

TEST_F(PipelineOnThreads, HasNotWaitedForRoomLongerThanItRan) {
  settings_.max_in_flight_bytes = 1 << 20;
  const TimePoint begun = clock_.now();
  build(300'000, 2, 3);  // each third step is lost: the window is full while the writers begin again
  EXPECT_TRUE(wait_for(300'000, seconds(60)));
  pipeline_->abort();
  const auto ran = std::chrono::duration_cast<std::chrono::microseconds>(clock_.now() - begun).count();
  EXPECT_GT(metrics_.reader.waited_window_us.value(), 0u);
  EXPECT_LE(metrics_.reader.waited_window_us.value(), static_cast<std::uint64_t>(ran));
}

TEST_F(PipelineOnThreads, DrainsWhatWasReadAndNoMore) {
  build(100'000'000, 2, 0);
  ASSERT_TRUE(wait_for(3'000, seconds(60)));
  EXPECT_TRUE(pipeline_->drain(clock_.now() + seconds(3)));
  for (const auto* sink : sinks_) {
    EXPECT_EQ(sink->held(), source_->sent());
    EXPECT_TRUE(sink->right());
  }
}

TEST_F(PipelineOnThreads, AbortsAtOnceInTheMiddle) {
  build(100'000'000, 1, 3);
  ASSERT_TRUE(wait_for(1'000, seconds(60)));
  const Stopwatch watch;
  pipeline_->abort();
  EXPECT_LT(watch.elapsed(), seconds(2));
  EXPECT_TRUE(sinks_[0]->right());
}

TEST_F(PipelineOnThreads, ConfirmsOnceTheReplayWindowHasPassed) {
  settings_.writer.replay_window = settings_.acknowledger.replay_window = milliseconds(200);
  settings_.writer.record_interval = milliseconds(50);
  settings_.acknowledger.status_interval = milliseconds(50);
  build(1'000, 2, 0);
  ASSERT_TRUE(wait_for(1'000, seconds(60)));
  const TimePoint end = clock_.now() + seconds(10);
  while (source_->confirmed() < test::lsn_of(1'001) && clock_.now() < end)
    std::this_thread::sleep_for(milliseconds(5));
  EXPECT_EQ(source_->confirmed(), test::lsn_of(1'001));
}

}  // namespace
}  // namespace realtime
