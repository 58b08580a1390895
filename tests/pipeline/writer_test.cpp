// What a writer makes of each observation: the record decides, whatever went wrong on the way.
#include "realtime/checkpoint_text.hpp"

#include "pipeline/writing.hpp"

namespace realtime {
namespace {

using std::chrono::seconds;
using test::Writing;

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

// --- a Redis that cannot save answers GET from its memory ------------------------------------------------------

TEST_F(Writing, ConfirmsNothingWhileTheLastStepWasRefusedForTheDisk) {
  open();
  sequence(1, 1);
  answer(sink_.record);
  const std::string stands = sink_.record;
  sequence(2, 1);
  for (int i = 0; i < 5; ++i) {
    answer(stands, Error{ErrorKind::redis_cannot_persist, "MISCONF"});
    clock_.advance(seconds(10));
    writer_->do_work();
    answer(stands);  // opened anew: the record still stands
    writer_->do_work();
    EXPECT_EQ(sink_.doing, "push");
    EXPECT_LT(confirmable_.lsn(), parse_record(stands)->position.restart);
  }
  answer(sink_.record);
  clock_.advance(seconds(10));
  writer_->do_work();
  EXPECT_EQ(sink_.doing, "read");
  answer(sink_.record);
  EXPECT_EQ(confirmable_.lsn(), parse_record(sink_.record)->position.restart)
      << "it is written and was seen since";
}

TEST_F(Writing, ConfirmsNothingWhileRedisSaysThatItCannotSave) {
  open();
  sequence(1, 1);
  answer(sink_.record);
  const std::string stands = sink_.record;
  for (int i = 0; i < 5; ++i) {
    clock_.advance(seconds(10));
    writer_->do_work();
    EXPECT_EQ(sink_.doing, i == 0 ? "read" : "open");
    sink_.answer = Observation{Error{ErrorKind::redis_cannot_persist, "disk"}, true, stands, {}, true};
    writer_->do_work();
    EXPECT_LT(confirmable_.lsn(), parse_record(stands)->position.restart);
    ASSERT_TRUE(writer_->trouble());
    EXPECT_EQ(writer_->trouble()->error.kind, ErrorKind::redis_cannot_persist);
  }
  clock_.advance(seconds(10));
  writer_->do_work();
  answer(stands);
  EXPECT_FALSE(writer_->trouble());
  EXPECT_EQ(confirmable_.lsn(), parse_record(stands)->position.restart);
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
