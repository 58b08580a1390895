// The reader between a source and a window that the test empties, by a clock of the test's.
#include "pipeline/reader.hpp"

#include <gtest/gtest.h>

#include "base/log.hpp"

namespace realtime {
namespace {

using std::chrono::seconds;

struct TestClock final : Clock {
  TimePoint now() const override { return time; }
  TimePoint time{seconds(1'000)};
};

/// Fills every frame: more is always waiting.
struct EndlessSource final : Source {
  Result<Drained> drain(Frame& frame) override {
    if (error) return *error;
    const std::string text(60'000, 'x');
    while (frame.has_room(text.size())) frame.add_message({Lsn{++lsn}, 0, text, nullptr});
    return Drained::filled;
  }
  Status send_status(Lsn, Lsn, bool) override { return ok(); }
  void close() override { closed = true; }
  int fd() const override { return -1; }
  std::optional<Error> error;  ///< from now on
  std::uint64_t lsn = 100;
  bool closed = false;
};

struct Nobody final : Downstream {
  void share(std::uint64_t) override { ++shared; }
  void carry(std::uint64_t) override {}
  void hurry() override {}
  void set_behind(bool) override {}
  std::uint64_t shared = 0;
};

class ReaderAlone : public testing::Test {
 protected:
  void SetUp() override { log::start(log::Style::json, log::Level::error); }

  /// Reads until there is no room.
  void fill() {
    while (reader.do_work() > 0) {
    }
  }
  void take_one() {
    window.stamp_decoded(taken);
    window.publish_sequenced(taken + 1);
    window.publish_taken(0, ++taken);
  }

  TestClock clock;
  EndlessSource source;
  InFlightWindow window{2 * Frame::kCapacity, 1};
  Nobody downstream;
  std::vector<Confirmable> queues = std::vector<Confirmable>(1);
  PipelineMetrics metrics;
  Acknowledger acknowledger{source, queues, {}, metrics.reader};
  Outcome outcome{[] {}};
  Reader reader{source, window, downstream, acknowledger, clock, outcome, metrics.reader};
  std::uint64_t taken = 0;
};

TEST_F(ReaderAlone, StaysWithASlowQueueForAsLongAsItTakes) {
  fill();
  for (int i = 0; i < 200; ++i) {
    clock.time += seconds(1);
    take_one();
    fill();
    ASSERT_FALSE(source.closed) << "after " << i << " s in which everything moved";
  }
  EXPECT_GT(downstream.shared, 200u);
  EXPECT_GT(metrics.reader.waited_window_us.value(), 190'000'000u);
}

TEST_F(ReaderAlone, LetsGoOfTheSlotWhereAQueueHasTakenNothingForAMinute) {
  fill();
  clock.time += seconds(59);
  fill();
  EXPECT_FALSE(source.closed);
  clock.time += seconds(2);
  fill();
  EXPECT_TRUE(source.closed);
}

TEST_F(ReaderAlone, WhatCameBeforeARowThatCannotBeDecodedIsTakenFirst) {
  reader.do_work();
  source.error = Error{ErrorKind::row_undecodable, "a row"};
  for (int i = 0; i < 3; ++i) reader.do_work();
  EXPECT_TRUE(source.closed);
  EXPECT_FALSE(outcome.error());
  take_one();
  for (int i = 0; i < 2; ++i) reader.do_work();
  ASSERT_TRUE(outcome.error());
  EXPECT_EQ(outcome.error()->kind, ErrorKind::row_undecodable);
}

TEST_F(ReaderAlone, AnyOtherErrorEndsItAtOnce) {
  reader.do_work();
  source.error = Error{ErrorKind::postgres_unreachable, "cut"};
  reader.do_work();
  ASSERT_TRUE(outcome.error());
  EXPECT_EQ(outcome.error()->kind, ErrorKind::postgres_unreachable);
}

}  // namespace
}  // namespace realtime
