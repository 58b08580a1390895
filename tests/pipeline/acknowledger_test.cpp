#include "pipeline/acknowledger.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace realtime {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct StatusSource final : Source {
  Result<Drained> drain(Frame&) override { return Drained::emptied; }
  Status send_status(Lsn received, Lsn confirmed, bool) override {
    sent.push_back({received, confirmed});
    return fails ? Status(Error{ErrorKind::postgres_unreachable, "cut"}) : ok();
  }
  void close() override {}
  int fd() const override { return -1; }
  std::vector<std::pair<Lsn, Lsn>> sent;
  bool fails = false;
};

class Acknowledging : public testing::Test {
 protected:
  void tick_for(Duration how_long) {
    for (const TimePoint end = now_ + how_long; now_ < end; now_ += milliseconds(1)) {
      ASSERT_TRUE(acknowledger_.tick(now_));
    }
  }

  TimePoint now_{std::chrono::hours(1)};
  StatusSource source_;
  std::vector<Confirmable> queues_{2};
  AcknowledgerSettings settings_;
  PipelineMetrics::Reader metrics_;
  Acknowledger acknowledger_{source_, queues_, settings_, metrics_};
};

TEST_F(Acknowledging, GoesByTheClockWhetherOrNotAnythingMoves) {
  tick_for(seconds(10));
  EXPECT_EQ(source_.sent.size(), 4u);
  EXPECT_EQ(metrics_.status_updates.value(), 4u);
}

TEST_F(Acknowledging, ConfirmsTheLeastOfAllQueuesAndNeverLess) {
  acknowledger_.received({500}, false, now_);
  queues_[0].raise({300});
  tick_for(seconds(3));
  EXPECT_EQ(source_.sent.back().second, Lsn{0}) << "one queue has nothing yet";
  queues_[1].raise({200});
  tick_for(seconds(3));
  EXPECT_EQ(source_.sent.back(), std::pair(Lsn{500}, Lsn{200}));
  EXPECT_EQ(acknowledger_.confirmed(), Lsn{200});
}

TEST_F(Acknowledging, AnswersAServerThatAsksButNotInALoop) {
  tick_for(seconds(1));
  source_.sent.clear();
  for (int i = 0; i < 1'000; ++i) {
    acknowledger_.received({500}, true, now_);
    tick_for(milliseconds(1));
  }
  EXPECT_GE(source_.sent.size(), 9u);
  EXPECT_LE(source_.sent.size(), 11u);
}

TEST_F(Acknowledging, TellsAServerThatAsksAtOnceWhatIsNew) {
  tick_for(seconds(1));
  acknowledger_.received({500}, true, now_);
  source_.sent.clear();
  queues_[0].raise({500});
  queues_[1].raise({500});
  tick_for(milliseconds(2));
  ASSERT_EQ(source_.sent.size(), 1u);
  EXPECT_EQ(source_.sent.back().second, Lsn{500});
}

TEST_F(Acknowledging, KnowsAServerThatWaitsForItsLastConfirmation) {
  acknowledger_.received({500}, false, now_);
  tick_for(seconds(1));
  EXPECT_FALSE(acknowledger_.server_waits());
  acknowledger_.received({500}, true, now_);
  EXPECT_TRUE(acknowledger_.server_waits());
  EXPECT_FALSE(acknowledger_.server_waited_enough(now_ + seconds(5)));
  EXPECT_TRUE(acknowledger_.server_waited_enough(now_ + milliseconds(5'500)));
  acknowledger_.received({600}, false, now_);
  EXPECT_FALSE(acknowledger_.server_waits()) << "it still sends: it does not wait";
}

TEST_F(Acknowledging, IsDueAgainWhenTheServerHasWaitedEnough) {
  AcknowledgerSettings rare;
  rare.status_interval = seconds(60);
  Acknowledger acknowledger(source_, queues_, rare, metrics_);
  acknowledger.received({500}, false, now_);
  ASSERT_TRUE(acknowledger.tick(now_));
  acknowledger.received({500}, true, now_);
  ASSERT_TRUE(acknowledger.tick(now_ + milliseconds(100)));
  EXPECT_EQ(acknowledger.next_tick(), now_ + milliseconds(5'500));
  EXPECT_TRUE(acknowledger.server_waited_enough(acknowledger.next_tick()));
}

TEST_F(Acknowledging, TakesAnEverydayQuestionForWhatItIs) {
  acknowledger_.received({500}, true, now_);
  EXPECT_FALSE(acknowledger_.server_waits()) << "it has not heard from us yet";
  queues_[0].raise({500});
  queues_[1].raise({500});
  tick_for(seconds(3));
  acknowledger_.received({500}, true, now_);
  EXPECT_FALSE(acknowledger_.server_waits()) << "everything is confirmed";
}

TEST_F(Acknowledging, SaysThatTheConnectionFailed) {
  source_.fails = true;
  EXPECT_FALSE(acknowledger_.tick(now_));
}

}  // namespace
}  // namespace realtime
