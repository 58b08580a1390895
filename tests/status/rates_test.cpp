#include "status/rates.hpp"

#include <gtest/gtest.h>

namespace realtime {
namespace {

using namespace std::chrono_literals;
constexpr TimePoint kStart{};

struct Meter {
  PipelineMetrics metrics;
  RateMeter meter;

  Meter() {
    metrics.queues.emplace_back().name = "search";
    metrics.queues.emplace_back().name = "integration";
  }
  void sample(Duration at, Lsn server = {}) { meter.sample(metrics, server, kStart + at); }
  RateFacts rates() { return meter.rates(2); }
};

TEST(RateMeter, IsZeroBeforeTheSecondSample) {
  Meter meter;
  EXPECT_EQ(meter.rates().received_messages, 0);
  meter.metrics.reader.messages.add(100);
  meter.sample(0s);
  EXPECT_EQ(meter.rates().received_messages, 0);
  EXPECT_EQ(meter.rates().queues.size(), 2u);
}

TEST(RateMeter, DividesGrowthByTime) {
  Meter meter;
  meter.sample(0s, {1000});
  meter.metrics.reader.messages.add(300);
  meter.metrics.reader.bytes.add(3000);
  meter.metrics.reader.waited_postgres_us.add(1'500'000);
  meter.metrics.decoders.busy_us.add(3'000'000);
  meter.metrics.queues[1].messages.add(30);
  meter.metrics.queues[1].waited_redis_us.add(300'000);
  meter.sample(3s, {4000});
  const RateFacts rates = meter.rates();
  EXPECT_DOUBLE_EQ(rates.received_messages, 100);
  EXPECT_DOUBLE_EQ(rates.received_bytes, 1000);
  EXPECT_DOUBLE_EQ(rates.waiting_postgres, 0.5);
  EXPECT_DOUBLE_EQ(rates.decoders_busy, 0.5);
  EXPECT_DOUBLE_EQ(rates.written_by_server_bytes, 1000);
  EXPECT_DOUBLE_EQ(rates.queues[0].messages, 0);
  EXPECT_DOUBLE_EQ(rates.queues[1].messages, 10);
  EXPECT_DOUBLE_EQ(rates.queues[1].waiting_redis, 0.1);
}

TEST(RateMeter, ForgetsWhatIsOlderThanItsWindow) {
  Meter meter;
  meter.sample(0s);
  meter.metrics.reader.messages.add(1'000'000);
  for (int i = 1; i <= 6; ++i) meter.sample(std::chrono::seconds(i));
  EXPECT_EQ(meter.rates().received_messages, 0);
}

TEST(RateMeter, AReplayThatGoesBackIsNoNegativeRate) {
  Meter meter;
  for (auto& queue : meter.metrics.queues) queue.written_lsn.set(5000);
  meter.sample(0s);
  meter.metrics.queues[0].written_lsn.set(1000);
  meter.sample(1s);
  EXPECT_EQ(meter.rates().released_lsn_bytes, 0);
}

TEST(RateMeter, LatencyIsThatOfTheWindowOnly) {
  Meter meter;
  meter.metrics.queues[0].sent_to_written.observe_us(8'000'000, 1000);
  meter.sample(0s);
  EXPECT_FALSE(meter.rates().queues[0].median_seconds);
  meter.metrics.queues[0].sent_to_written.observe_us(1000, 98);
  meter.metrics.queues[0].sent_to_written.observe_us(1'000'000, 2);
  meter.sample(1s);
  const RateFacts rates = meter.rates();
  EXPECT_GT(*rates.queues[0].median_seconds, 0.0005);
  EXPECT_LE(*rates.queues[0].median_seconds, 0.001024);
  EXPECT_GT(*rates.queues[0].worst_seconds, 0.5);
  EXPECT_FALSE(rates.queues[1].median_seconds);
}

TEST(LimitedBy, NamesTheQueueThatIsFurthestBehind) {
  Meter meter;
  meter.metrics.queues[0].written_lsn.set(2000);
  meter.metrics.queues[1].written_lsn.set(1000);
  RateFacts rates;
  rates.queues.resize(2);
  rates.waiting_window = 1;  // a stuck queue: nothing is received any more
  const LimitFacts limit = limited_by(rates, meter.metrics, false);
  EXPECT_EQ(limit.by, LimitFacts::By::queue);
  EXPECT_EQ(limit.queue, "integration");
}

TEST(LimitedBy, AStuckQueueIsTheCause) {
  Meter meter;
  meter.metrics.queues[0].written_lsn.set(2000);
  meter.metrics.queues[0].stuck.set(1);
  meter.metrics.queues[1].written_lsn.set(1000);
  RateFacts rates;
  rates.waiting_window = 1;
  EXPECT_EQ(limited_by(rates, meter.metrics, false).queue, "search");
}

TEST(LimitedBy, PostgresWhereTheReaderWaitsForIt) {
  Meter meter;
  RateFacts rates;
  rates.received_messages = 10;
  rates.waiting_postgres = 0.9;
  EXPECT_EQ(limited_by(rates, meter.metrics, false).by, LimitFacts::By::postgres);
  rates.received_messages = 0;  // it decodes a large transaction, and nothing has come of it yet
  EXPECT_EQ(limited_by(rates, meter.metrics, true).by, LimitFacts::By::postgres);
}

TEST(LimitedBy, NothingWhenNothingIsToBeDone) {
  Meter meter;
  RateFacts rates;
  rates.waiting_postgres = 1;
  EXPECT_EQ(limited_by(rates, meter.metrics, false).by, LimitFacts::By::nothing);
}

TEST(CatchUp, TakesWhatTheServerWritesMeanwhileIntoAccount) {
  RateFacts rates;
  rates.released_lsn_bytes = 300;
  rates.written_by_server_bytes = 100;
  EXPECT_DOUBLE_EQ(*catch_up_seconds(1000, rates), 5);
  rates.written_by_server_bytes = 300;
  EXPECT_FALSE(catch_up_seconds(1000, rates));
}

TEST(LagClock, IsTheAgeOfTheOldestWalNotTaken) {
  LagClock clock;
  clock.saw({100}, kStart);
  clock.saw({200}, kStart + 1s);
  clock.saw({300}, kStart + 2s);
  EXPECT_DOUBLE_EQ(clock.seconds_behind({50}, kStart + 3s), 3);
  EXPECT_DOUBLE_EQ(clock.seconds_behind({100}, kStart + 3s), 2);
  EXPECT_DOUBLE_EQ(clock.seconds_behind({250}, kStart + 3s), 1);
  EXPECT_DOUBLE_EQ(clock.seconds_behind({300}, kStart + 3s), 0);
}

TEST(LagClock, AQuietServerIsNoLag) {
  LagClock clock;
  EXPECT_EQ(clock.seconds_behind({}, kStart), 0);
  clock.saw({100}, kStart);
  clock.saw({100}, kStart + 60s);
  EXPECT_EQ(clock.seconds_behind({100}, kStart + 90s), 0);
  clock.saw({200}, kStart + 100s);
  EXPECT_DOUBLE_EQ(clock.seconds_behind({100}, kStart + 101s), 1);
}

TEST(LagClock, StaysBoundedAndFarSighted) {
  LagClock clock;
  for (std::uint64_t i = 1; i <= 100'000; ++i) clock.saw({i * 10}, kStart + std::chrono::seconds(i));
  EXPECT_NEAR(clock.seconds_behind({5}, kStart + 100'000s), 99'999, 1);
  EXPECT_LT(clock.seconds_behind({999'999}, kStart + 100'000s), 2);
}

}  // namespace
}  // namespace realtime
