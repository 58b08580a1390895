// What a writer records where the server's log is asked for: a keepalive only with the hash of the log before
// it. And its signs of life.
#include "realtime/checkpoint_text.hpp"

#include "pipeline/writing.hpp"

namespace realtime {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Answer = LogWitness::Answer;

class WriterLog : public test::Writing {
 protected:
  WriterLog() {
    witness_ = &witness;
    settings_.replay_window = seconds(60);  // no reads in between
    make(test::first_record());
    open();
  }
  Position recorded() const { return parse_record(sink_.record)->position; }
  void pass(Duration duration) {
    clock_.advance(duration);
    writer_->do_work();
  }

  test::ScriptedWitness witness;
};

TEST_F(WriterLog, APushRecordsNoKeepaliveBehindItsMessages) {
  sequence(1, 2, 5'000);
  EXPECT_EQ(sink_.doing, "push");
  EXPECT_EQ(recorded(), (Position{{2'001}, 2, Identity{9, {2'001}, 1}, false}));
}

TEST_F(WriterLog, AKeepaliveIsRecordedOnceTheLogBeforeItIsKnown) {
  sequence(1, 0, 5'000);
  pass(milliseconds(2'500));
  EXPECT_EQ(sink_.doing, "");
  EXPECT_EQ(witness.asked, Lsn{5'000});
  EXPECT_GT(writer_->idle().until, clock_.now()) << "it does not spin";
  EXPECT_LE(writer_->idle().until, clock_.now() + milliseconds(100));
  sequence(1, 0, 6'000);  // the one that was asked for is as good as it was
  witness.told = {Answer::known, {1, 2, 8'192}};
  pass(milliseconds(20));
  EXPECT_EQ(sink_.doing, "set_record");
  EXPECT_EQ(recorded(), (Position{{5'000}, 0, {}, true, LogHash{1, 2, 8'192}}));
}

TEST_F(WriterLog, AMessageMeanwhileMakesTheKeepaliveOld) {
  sequence(1, 0, 1'500);
  pass(milliseconds(2'500));
  sequence(1, 1);
  EXPECT_EQ(sink_.doing, "push");
  answer(sink_.record);
  witness.told = {Answer::known, {1, 2, 8'192}};
  pass(milliseconds(20));
  EXPECT_EQ(sink_.doing, "") << "the message came after it";
  EXPECT_GT(writer_->idle().until, clock_.now()) << "it does not spin";
}

TEST_F(WriterLog, WhatHasTooShortALogWaitsForALaterOne) {
  for (const Answer answer : {Answer::too_short, Answer::not_now}) {
    witness.told = {answer, {}};
    sequence(1, 0, 5'000);
    pass(milliseconds(2'500));
    EXPECT_EQ(sink_.doing, "");
  }
  witness.told = {Answer::known, {1, 2, 8'192}};
  sequence(1, 0, 7'000);
  pass(milliseconds(2'500));
  EXPECT_EQ(recorded().restart, Lsn{7'000});
}

TEST_F(WriterLog, WhereTheServerGivesNoLogItIsRecordedWithout) {
  witness.told = {Answer::never, {}};
  sequence(1, 0, 5'000);
  pass(milliseconds(2'500));
  EXPECT_EQ(recorded(), (Position{{5'000}, 0, {}, true}));
}

TEST_F(WriterLog, AStoppingServerIsNotWaitedForWhereNothingMoreCanBeRecorded) {
  EXPECT_FALSE(confirmable_.is_settled_at({9'000}));
  witness.told = {Answer::not_now, {}};
  hurried_ = true;
  sequence(1, 0, 5'000);
  EXPECT_EQ(sink_.doing, "");
  EXPECT_TRUE(confirmable_.is_settled_at({9'000}));
  EXPECT_FALSE(confirmable_.is_settled_at({100})) << "what is recorded is not confirmed yet";
}

class WriterLife : public test::Writing {
 protected:
  WriterLife() {
    settings_.beat_interval = seconds(3);
    Record record = test::first_record();
    record.life = {77, 9'000, 5};
    make(record);
    open();
  }
  Record written() const { return *parse_record(sink_.record); }
};

TEST_F(WriterLife, TheRecordIsWrittenAnewThoughNothingMoves) {
  EXPECT_LE(writer_->idle().until, clock_.now() + seconds(3));
  clock_.advance(seconds(3));
  writer_->do_work();
  ASSERT_EQ(sink_.doing, "set_record");
  EXPECT_EQ(written().life, (LifeSign{77, 9'000, 6}));
  EXPECT_EQ(written().position, test::first_record().position);
  answer(sink_.record);
  EXPECT_EQ(ended(), ErrorKind::stopped);
  clock_.advance(seconds(3));
  writer_->do_work();
  EXPECT_EQ(written().life.beat, 7u);
}

TEST_F(WriterLife, SignsOfLifeHoldNoKeepaliveBack) {
  settings_.beat_interval = milliseconds(500);
  Record record = test::first_record();
  record.life = {77, 1'500, 5};
  make(record);
  open();
  sequence(1, 0, 5'000);
  do {
    clock_.advance(milliseconds(500));
    writer_->do_work();
    ASSERT_EQ(sink_.doing, "set_record");
    answer(sink_.record);
  } while (written().position.restart != Lsn{5'000} && written().life.beat < 20);
  EXPECT_EQ(written().position.restart, Lsn{5'000});
}

TEST_F(WriterLife, ARedisThatForgotABeatForgotNothing) {
  const std::string before = text_;
  clock_.advance(seconds(3));
  writer_->do_work();
  answer(sink_.record);
  fail();
  clock_.advance(seconds(60));
  writer_->do_work();
  answer(before);
  EXPECT_EQ(ended(), ErrorKind::stopped);
}

TEST_F(WriterLife, ABeatThatIsDoneLateIsOneOfOurs) {
  clock_.advance(seconds(3));
  writer_->do_work();
  const std::string late = sink_.record;
  fail();
  clock_.advance(seconds(60));
  writer_->do_work();
  answer(text_);
  writer_->do_work();
  answer(late);
  EXPECT_EQ(ended(), ErrorKind::stopped);
}

}  // namespace
}  // namespace realtime
