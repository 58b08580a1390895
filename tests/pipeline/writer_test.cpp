// What a writer makes of each observation: the record decides, whatever went wrong on the way.
#include "pipeline/writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/log.hpp"
#include "pipeline/memory_ends.hpp"
#include "simulation/sim_clock.hpp"

namespace realtime {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// A sink whose answers the test gives.
struct ScriptedSink final : QueueSink {
  const std::string& name() const override { return queue; }
  bool is_open() const override { return opened; }
  void open() override { opened = true, doing = "open"; }
  void push(const Batch& batch, std::string_view text) override {
    doing = "push";
    record = text;
    numbers.clear();
    for (const Piece& piece : batch.pieces) {
      for (std::uint32_t i = piece.begin; i < piece.end; ++i)
        numbers.push_back(piece.first_number + i - piece.begin);
    }
  }
  void set_record(std::string_view text) override { doing = "set_record", record = text; }
  void read() override { doing = "read"; }
  void close() override { opened = false, doing.clear(); }
  std::optional<Observation> poll(TimePoint) override {
    if (!answer) return std::nullopt;
    doing.clear();
    return std::exchange(answer, std::nullopt);
  }
  Wait wait() const override { return {}; }

  const std::string queue = "q";
  bool opened = false;
  std::string doing;   ///< the running operation
  std::string record;  ///< it is to write
  std::vector<std::uint64_t> numbers;
  std::optional<Observation> answer;
};

class Writing : public testing::Test {
 protected:
  Writing() {
    log::start(log::Style::json, log::Level::error);
    metrics_.queues.emplace_back();
    make(test::first_record());
  }
  void make(const Record& record) {
    text_ = format_record(record);
    writer_ = std::make_unique<Writer>(
        0, record, record.filter, sink_, window_, clock_, outcome_, confirmable_, [this] { return hurried_; },
        WriterSettings{}, metrics_.queues[0]);
  }
  void answer(std::optional<std::string> record, std::optional<Error> error = {}) {
    sink_.answer = Observation{std::move(error), true, std::move(record), {}};
    writer_->do_work();
  }
  void fail(ErrorKind kind = ErrorKind::redis_unreachable) {
    sink_.opened = false;
    sink_.answer = Observation{Error{kind, "it failed"}, false, {}, {}};
    writer_->do_work();
  }
  void open() {
    writer_->do_work();
    EXPECT_EQ(sink_.doing, "open");
    answer(text_);
    writer_->do_work();
  }
  /// `count` messages from `first` on, sequenced in one place; then a keepalive, if its LSN is given.
  void sequence(std::uint64_t first, std::uint32_t count, std::uint64_t keepalive = 0) {
    auto frame = window_.spare_frame();
    Place place;
    for (std::uint32_t i = 0; i < count; ++i) frame->changes.push_back({0, 10, 9, i, {first + 2'000}});
    place.first_number = first;
    const std::uint64_t last = first + count - 1;
    place.end = {{first + 2'000}, last, Identity{9, {first + 2'000}, count - 1}, false};
    if (count == 0) place.end.last.reset();
    if (keepalive > 0) place.end.restart = {keepalive}, place.end.clean = true;
    const std::uint64_t sequence = window_.claim(std::move(frame));
    place.frame = std::move(window_.at(sequence).frame);
    window_.at(sequence) = std::move(place);
    window_.stamp_decoded(sequence);
    window_.publish_sequenced(sequence + 1);
    writer_->do_work();
  }
  std::size_t released() {
    window_.release();
    return window_.released();
  }
  ErrorKind ended() const { return outcome_.error() ? outcome_.error()->kind : ErrorKind::stopped; }

  sim::SimClock clock_;
  InFlightWindow window_{1 << 20, 1};
  Outcome outcome_;
  Confirmable confirmable_;
  PipelineMetrics metrics_;
  ScriptedSink sink_;
  bool hurried_ = false;
  std::string text_;
  std::unique_ptr<Writer> writer_;
};

TEST_F(Writing, SettlesWhatTheRecordShows) {
  open();
  sequence(1, 3);
  EXPECT_EQ(sink_.doing, "push");
  EXPECT_EQ(sink_.numbers, (std::vector<std::uint64_t>{1, 2, 3}));
  EXPECT_EQ(parse_record(sink_.record)->position.number, 3u);
  EXPECT_EQ(released(), 0u) << "not before the record says so";
  answer(sink_.record);
  EXPECT_EQ(released(), 1u);
  EXPECT_EQ(writer_->recorded_number(), 3u);
}

TEST_F(Writing, BelievesTheRecordAfterALostReply) {
  open();
  sequence(1, 3);
  const std::string target = sink_.record;
  fail();
  EXPECT_EQ(released(), 0u);
  EXPECT_TRUE(writer_->trouble());
  clock_.advance(seconds(10));
  writer_->do_work();
  EXPECT_EQ(sink_.doing, "open");
  answer(target);
  EXPECT_EQ(released(), 1u);
  EXPECT_FALSE(writer_->trouble());
  EXPECT_EQ(sink_.doing, "") << "nothing is pushed twice";
}

TEST_F(Writing, PushesAgainWhatWasNotDone) {
  open();
  sequence(1, 3);
  fail();
  sequence(4, 2);
  clock_.advance(seconds(10));
  writer_->do_work();
  answer(text_);
  writer_->do_work();
  EXPECT_EQ(sink_.doing, "push");
  EXPECT_EQ(sink_.numbers, (std::vector<std::uint64_t>{1, 2, 3, 4, 5}));
}

/// Messages 1 to 3 were pushed and the step given up; a new connection has read the old record, and they are
/// pushed again.
class GivenUp : public Writing {
 protected:
  GivenUp() {
    open();
    sequence(1, 3);
    given_up_ = sink_.record;
    again();
  }
  /// The running step is given up too; `count` more messages have come when it is tried again.
  void again(std::uint64_t first = 0, std::uint32_t count = 0) {
    fail();
    if (count > 0) sequence(first, count);
    clock_.advance(seconds(10));
    open();
  }
  void expect_at(std::uint64_t number) {
    ASSERT_FALSE(outcome_.error()) << outcome_.error()->message;
    EXPECT_EQ(writer_->recorded_number(), number);
    EXPECT_EQ(metrics_.queues[0].messages.value(), number) << "each is counted once";
    EXPECT_FALSE(writer_->trouble());
  }
  std::string given_up_;
};

TEST_F(GivenUp, IsTheSameStepWhereNothingNewCame) {
  ASSERT_EQ(sink_.record, given_up_);
  answer(given_up_);
  expect_at(3);
  EXPECT_EQ(released(), 1u);
}

TEST_F(GivenUp, IsFollowedWhereMoreIsPushed) {
  again(4, 2);
  ASSERT_EQ(sink_.numbers, (std::vector<std::uint64_t>{1, 2, 3, 4, 5}));
  answer(given_up_);  // EXEC is nil
  expect_at(3);
  EXPECT_EQ(released(), 0u) << "the places are looked at once more";
  writer_->do_work();
  EXPECT_EQ(sink_.doing, "push");
  EXPECT_EQ(sink_.numbers, (std::vector<std::uint64_t>{4, 5}));
  answer(sink_.record);
  expect_at(5);
  EXPECT_EQ(released(), 2u);
}

TEST_F(GivenUp, IsFollowedWhereTheNextStepIsRefused) {
  again(4, 2);
  answer(given_up_, Error{ErrorKind::redis_out_of_memory, "OOM"});
  expect_at(3);
  writer_->do_work();
  EXPECT_EQ(sink_.numbers, (std::vector<std::uint64_t>{4, 5}));
  answer(given_up_, Error{ErrorKind::redis_out_of_memory, "OOM"});  // nothing happened since
  EXPECT_FALSE(outcome_.error());
  ASSERT_TRUE(writer_->trouble());
  EXPECT_EQ(writer_->trouble()->error.kind, ErrorKind::redis_out_of_memory);
}

TEST_F(GivenUp, IsAnyOfThemAndFoundAtOpeningToo) {
  again(4, 2);
  const std::string second = sink_.record;
  again(6, 2);
  ASSERT_EQ(sink_.numbers.size(), 7u);
  fail();
  clock_.advance(seconds(10));
  writer_->do_work();
  ASSERT_EQ(sink_.doing, "open");
  answer(second);  // neither the first nor the last
  expect_at(5);
  writer_->do_work();
  EXPECT_EQ(sink_.numbers, (std::vector<std::uint64_t>{6, 7}));
  answer(sink_.record);
  expect_at(7);
  EXPECT_EQ(released(), 3u);
}

TEST_F(GivenUp, StandsFromWhenItWasSeenFirst) {
  again(4, 2);
  const TimePoint seen = clock_.now();
  answer(given_up_);
  writer_->do_work();
  clock_.advance(milliseconds(4'999));
  answer(sink_.record);
  EXPECT_LT(confirmable_.lsn(), parse_record(given_up_)->position.restart);
  clock_.advance(milliseconds(1));
  EXPECT_EQ(writer_->idle().until, seen + seconds(5));
  writer_->do_work();
  ASSERT_EQ(sink_.doing, "read");
  answer(sink_.record);
  EXPECT_EQ(confirmable_.lsn(), parse_record(given_up_)->position.restart);
}

TEST_F(GivenUp, MayBeARecordAlone) {
  answer(sink_.record);
  hurried_ = true;
  sequence(4, 0, 5'000);
  ASSERT_EQ(sink_.doing, "set_record");
  const std::string keepalive = sink_.record;
  text_ = given_up_;
  fail();
  clock_.advance(seconds(10));
  sequence(4, 0, 6'000);
  ASSERT_EQ(sink_.doing, "open");
  answer(text_);
  writer_->do_work();
  ASSERT_EQ(sink_.doing, "set_record");
  answer(keepalive);  // the comparison fails
  expect_at(3);
  EXPECT_EQ(metrics_.queues[0].written_lsn.value(), 5'000u);
  writer_->do_work();
  EXPECT_EQ(sink_.doing, "set_record");
  EXPECT_EQ(parse_record(sink_.record)->position.restart, Lsn{6'000});
}

TEST_F(GivenUp, KeepsTheFilterItWasPushedUnder) {
  Record record = test::first_record();
  Filter filter = record.filter;
  filter.tables = "other.*";
  text_ = format_record(record);
  sink_.close();
  window_.release();
  writer_ = std::make_unique<Writer>(
      0, record, filter, sink_, window_, clock_, outcome_, confirmable_, [] { return false; },
      WriterSettings{}, metrics_.queues[0]);
  open();
  ASSERT_EQ(sink_.doing, "push");
  const std::string first = sink_.record;
  EXPECT_EQ(parse_record(first)->filter, filter);
  again(4, 2);
  answer(first);
  expect_at(3);
  writer_->do_work();
  EXPECT_EQ(parse_record(sink_.record)->filter, filter);
  EXPECT_EQ(sink_.numbers, (std::vector<std::uint64_t>{4, 5}));
}

TEST_F(GivenUp, IsNotWhatNoStepWasToRecord) {
  Record record = *parse_record(given_up_);
  record.position.number = 4;
  answer(format_record(record));
  ASSERT_EQ(ended(), ErrorKind::redis_forgot);
  EXPECT_THAT(outcome_.error()->message, testing::HasSubstr("somebody set the position record"));
}

TEST_F(GivenUp, IsNotWhatSaysMoreThanAPosition) {
  Record record = *parse_record(given_up_);
  record.loss = "0/1..0/2";
  answer(format_record(record));
  ASSERT_EQ(ended(), ErrorKind::redis_forgot);
  EXPECT_THAT(outcome_.error()->message, testing::Not(testing::HasSubstr("went back")));
}

TEST_F(Writing, StaysStuckInARefusedStepUntilItIsDone) {
  open();
  sequence(1, 1);
  for (int i = 0; i < 3; ++i) {
    answer(text_, Error{ErrorKind::redis_out_of_memory, "OOM"});
    EXPECT_EQ(ended(), ErrorKind::stopped);
    ASSERT_TRUE(writer_->trouble());
    EXPECT_EQ(writer_->trouble()->error.kind, ErrorKind::redis_out_of_memory);
    clock_.advance(seconds(10));
    writer_->do_work();
    answer(text_);
    EXPECT_TRUE(writer_->trouble()) << "that it could be opened does not heal it";
    writer_->do_work();
    EXPECT_EQ(sink_.doing, "push");
  }
  answer(sink_.record);
  EXPECT_FALSE(writer_->trouble());
  EXPECT_EQ(released(), 1u);
}

TEST_F(Writing, TriesAgainWhereTheStepWasNotDoneAndNothingRefused) {
  open();
  sequence(1, 1);
  answer(text_);
  EXPECT_EQ(ended(), ErrorKind::stopped);
  EXPECT_TRUE(writer_->trouble());
}

TEST_F(Writing, WaitsLongerEachTime) {
  TimePoint last = clock_.now();
  Duration longest{};
  for (int i = 0; i < 8; ++i) {
    writer_->do_work();
    fail();
    const Stage::Idle idle = writer_->idle();
    EXPECT_TRUE(idle.deaf);
    longest = std::max(longest, idle.until - clock_.now());
    clock_.advance_to(idle.until);
    last = idle.until;
  }
  EXPECT_GE(longest, seconds(2));
  EXPECT_LE(longest, seconds(5));
}

TEST_F(Writing, EndsWhereAnotherHasTakenOver) {
  open();
  sequence(1, 1);
  Record record = test::first_record();
  record.epoch = 2;
  answer(format_record(record));
  EXPECT_EQ(ended(), ErrorKind::fenced);
  EXPECT_EQ(released(), 0u);
  EXPECT_FALSE(sink_.opened);
  clock_.advance(seconds(100));
  EXPECT_EQ(writer_->do_work(), 0u) << "it never writes again";
}

TEST_F(Writing, EndsWhereRedisForgot) {
  open();
  sequence(1, 1);
  answer(sink_.record);
  sequence(2, 1);
  answer(text_);
  ASSERT_EQ(ended(), ErrorKind::redis_forgot);
  EXPECT_THAT(outcome_.error()->message, testing::HasSubstr("went back"));
}

TEST_F(Writing, EndsWhereTheRecordIsGone) {
  open();
  sequence(1, 1);
  answer(std::nullopt);
  EXPECT_EQ(ended(), ErrorKind::redis_forgot);
}

TEST_F(Writing, EndsWhereAnotherServiceWrites) {
  Record record = test::first_record();
  record.history.slot = "theirs";
  record.epoch = 9;
  writer_->do_work();
  answer(format_record(record));
  EXPECT_EQ(ended(), ErrorKind::other_service);
}

TEST_F(Writing, EndsWhereTheRecordCannotBeRead) {
  writer_->do_work();
  answer("2 {}");
  EXPECT_EQ(ended(), ErrorKind::record_unreadable);
}

TEST_F(Writing, EndsOnAnErrorThatNeedsAPerson) {
  open();
  sequence(1, 1);
  answer(text_, Error{ErrorKind::redis_cluster, "MOVED"});
  EXPECT_EQ(ended(), ErrorKind::redis_cluster);
}

TEST_F(Writing, TakesOnlyWhatIsNewToItsQueue) {
  Record record = test::first_record();
  record.position = {{2'001}, 2, Identity{9, {2'001}, 1}, false};
  make(record);
  open();
  sequence(1, 4);
  EXPECT_EQ(sink_.numbers, (std::vector<std::uint64_t>{3, 4}));
}

TEST_F(Writing, PassesAPlaceThatHoldsNothingNewAndSaysSo) {
  Record record = test::first_record();
  record.position = {{2'001}, 4, Identity{9, {2'001}, 3}, false};
  make(record);
  open();
  auto frame_before = window_.claimed();
  sequence(1, 4);
  EXPECT_EQ(sink_.doing, "");
  EXPECT_EQ(released(), frame_before + 1);
}

TEST_F(Writing, RefusesAStreamThatDoesNotHoldItsLastMessage) {
  Record record = test::first_record();
  record.position = {{2'001}, 2, Identity{9, {77}, 0}, false};
  make(record);
  open();
  sequence(1, 4);
  EXPECT_EQ(ended(), ErrorKind::other_history);
}

TEST_F(Writing, RecordsKeepalivesOnItsClock) {
  open();
  sequence(1, 0, 5'000);
  EXPECT_EQ(sink_.doing, "") << "not at once";
  EXPECT_EQ(released(), 1u) << "but the window does not wait for it";
  EXPECT_LE(writer_->idle().until, clock_.now() + seconds(3));
  clock_.advance(milliseconds(2'500));
  writer_->do_work();
  EXPECT_EQ(sink_.doing, "set_record");
  EXPECT_EQ(parse_record(sink_.record)->position, (Position{{5'000}, 0, {}, true}));
}

TEST_F(Writing, RecordsAtOnceWhenTheServerWaits) {
  open();
  hurried_ = true;
  sequence(1, 0, 5'000);
  EXPECT_EQ(sink_.doing, "set_record");
}

TEST_F(Writing, MayBeConfirmedOnceAReadAfterTheWindowShowsTheRecord) {
  open();
  sequence(1, 1);
  const std::string target = sink_.record;
  answer(target);
  EXPECT_EQ(confirmable_.lsn(), Lsn{0});
  clock_.advance(milliseconds(4'999));
  writer_->do_work();
  EXPECT_EQ(sink_.doing, "");
  clock_.advance(milliseconds(1));
  EXPECT_LE(writer_->idle().until, clock_.now());
  writer_->do_work();
  EXPECT_EQ(sink_.doing, "read");
  EXPECT_EQ(confirmable_.lsn(), Lsn{0}) << "a timer alone confirms nothing";
  answer(target);
  EXPECT_EQ(confirmable_.lsn(), Lsn{2'001});
}

TEST_F(Writing, IsNotConfirmedByAReadThatBeganTooEarly) {
  open();
  sequence(1, 1);
  answer(sink_.record);
  clock_.advance(milliseconds(4'900));
  sequence(2, 1);
  EXPECT_EQ(sink_.doing, "push");
  clock_.advance(milliseconds(200));
  answer(sink_.record);
  EXPECT_EQ(confirmable_.lsn(), Lsn{0}) << "what it saw may be older than the window";
}

TEST_F(Writing, ConfirmsNothingWithoutRedis) {
  open();
  sequence(1, 1);
  const std::string target = sink_.record;
  answer(target);
  clock_.advance(seconds(6));
  writer_->do_work();
  fail();
  for (int i = 0; i < 5; ++i) {
    clock_.advance(seconds(10));
    writer_->do_work();
    fail();
  }
  EXPECT_EQ(confirmable_.lsn(), Lsn{0});
  clock_.advance(seconds(10));
  writer_->do_work();
  answer(target);
  EXPECT_EQ(confirmable_.lsn(), Lsn{2'001}) << "what is read at opening stands as well";
}

TEST_F(Writing, TellsTheReaderOfPlacesThatItTookInPassing) {
  open();
  auto frame = window_.spare_frame();
  const std::uint64_t sequence = window_.claim(std::move(frame));
  window_.at(sequence).end = test::first_record().position;
  window_.stamp_decoded(sequence);
  window_.publish_sequenced(sequence + 1);
  EXPECT_EQ(writer_->do_work(), 1u) << "0 would wake nobody, and a full window would stand still";
  EXPECT_EQ(writer_->do_work(), 0u);
}

}  // namespace
}  // namespace realtime
