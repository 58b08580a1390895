// A step that was given up may be done after all, by a server that had it already: then it is followed.
#include "realtime/checkpoint_text.hpp"

#include "pipeline/writing.hpp"

namespace realtime {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::Writing;

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
  /// The places are looked at once more, and what the record did not show is pushed.
  void expect_pushed_next(const std::vector<std::uint64_t>& numbers) {
    writer_->do_work();
    EXPECT_EQ(sink_.doing, "push");
    EXPECT_EQ(sink_.numbers, numbers);
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
  expect_pushed_next({4, 5});
  answer(sink_.record);
  expect_at(5);
  EXPECT_EQ(released(), 2u);
}

TEST_F(GivenUp, IsFollowedWhereTheNextStepIsRefused) {
  again(4, 2);
  answer(given_up_, Error{ErrorKind::redis_out_of_memory, "OOM"});
  expect_at(3);
  expect_pushed_next({4, 5});
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
  expect_pushed_next({6, 7});
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
      0, record, filter, sink_, window_, clock_, outcome_, confirmable_, nullptr, [] { return false; },
      WriterSettings{}, metrics_.queues[0], *troubles_);
  open();
  ASSERT_EQ(sink_.doing, "push");
  const std::string first = sink_.record;
  EXPECT_EQ(parse_record(first)->filter, filter);
  again(4, 2);
  answer(first);
  expect_at(3);
  expect_pushed_next({4, 5});
  EXPECT_EQ(parse_record(sink_.record)->filter, filter);
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

}  // namespace
}  // namespace realtime
