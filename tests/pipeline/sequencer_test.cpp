#include "pipeline/sequencer.hpp"

#include <gtest/gtest.h>

#include "pipeline/memory_ends.hpp"

namespace realtime {
namespace {

class Sequencing : public testing::Test {
 protected:
  static Change change(std::uint32_t xid, std::uint64_t lsn) { return {0, 1, xid, 0, {lsn}}; }
  static Mark mark(Mark::Kind kind, std::uint64_t lsn, std::uint32_t after) {
    return {kind, 0, after, {lsn}};
  }

  /// A decoded frame that waits for its stamp.
  std::uint64_t place(std::vector<Change> changes, std::vector<Mark> marks = {}) {
    auto frame = window_.spare_frame();
    frame->changes = std::move(changes);
    frame->marks = std::move(marks);
    return window_.claim(std::move(frame));
  }
  Sequencer sequencer(const SequencerPlan& plan) { return {plan, window_, clock_, outcome_, metrics_}; }
  static SequencerPlan fresh() {
    return {{{10}, 0, {}, true}, {10}, Discard::through_last, {}, ~std::uint64_t{0}};
  }
  static SequencerPlan resumed() {
    return {{{50}, 3, Identity{7, {40}, 1}, false}, {50}, Discard::through_last, {100}, ~std::uint64_t{0}};
  }

  InFlightWindow window_{1 << 20, 1};
  SteadyClock clock_;
  Outcome outcome_;
  PipelineMetrics metrics_;
};

TEST_F(Sequencing, LetsNothingOutBeforeWhatCameFirst) {
  Sequencer stage = sequencer(fresh());
  const auto first = place({change(1, 11)}), second = place({change(1, 12), change(1, 13)}),
             third = place({change(2, 9)});
  window_.stamp_decoded(third);
  window_.stamp_decoded(second);
  EXPECT_FALSE(stage.has_work());
  EXPECT_EQ(stage.do_work(), 0u);
  EXPECT_EQ(window_.sequenced(), 0u);
  window_.stamp_decoded(first);
  EXPECT_TRUE(stage.has_work());
  EXPECT_EQ(stage.do_work(), 3u);
  EXPECT_EQ(window_.sequenced(), 3u);
  EXPECT_EQ(window_.at(first).first_number, 1u);
  EXPECT_EQ(window_.at(second).first_number, 2u);
  EXPECT_EQ(window_.at(third).first_number, 4u);
  EXPECT_EQ(window_.at(third).end, (Position{{13}, 4, Identity{2, {9}, 0}, false}));
}

TEST_F(Sequencing, CountsTheMessagesOfOneWalRecordAcrossFrames) {
  Sequencer stage = sequencer(fresh());
  const auto first = place({change(1, 11), change(1, 11)}), second = place({change(1, 11), change(2, 11)});
  window_.stamp_decoded(first);
  window_.stamp_decoded(second);
  stage.do_work();
  EXPECT_EQ(window_.at(first).frame->changes[1].ordinal, 1u);
  EXPECT_EQ(window_.at(second).frame->changes[0].ordinal, 2u);
  EXPECT_EQ(window_.at(second).frame->changes[1].ordinal, 0u);
}

TEST_F(Sequencing, TakesMarksWhereTheyStand) {
  Sequencer stage = sequencer(fresh());
  const auto first = place({change(1, 11)}, {mark(Mark::Kind::keepalive, 20, 0)});
  const auto second =
      place({change(2, 12)}, {mark(Mark::Kind::begin, 30, 1), mark(Mark::Kind::keepalive, 40, 1)});
  window_.stamp_decoded(first);
  window_.stamp_decoded(second);
  stage.do_work();
  EXPECT_EQ(window_.at(first).end, (Position{{20}, 1, Identity{1, {11}, 0}, false}));
  EXPECT_EQ(window_.at(second).end, (Position{{40}, 2, Identity{2, {12}, 0}, true}));
}

TEST_F(Sequencing, DiscardsWhatWasPassedBefore) {
  Sequencer stage = sequencer(resumed());
  const auto first = place({change(6, 30), change(7, 40)});
  const auto second = place({change(7, 40), change(7, 41), change(8, 20)});
  window_.stamp_decoded(first);
  window_.stamp_decoded(second);
  stage.do_work();
  EXPECT_EQ(window_.at(first).first_live, 2u);
  EXPECT_EQ(window_.at(second).first_live, 1u);
  EXPECT_EQ(window_.at(second).first_number, 4u);
  EXPECT_EQ(metrics_.sequencer.discarded.value(), 3u);
  EXPECT_EQ(metrics_.sequencer.changes.value(), 2u);
}

TEST_F(Sequencing, SaysThatTheLastMessageIsGone) {
  Sequencer stage = sequencer(resumed());
  window_.stamp_decoded(place({change(9, 60)}, {mark(Mark::Kind::keepalive, 99, 1)}));
  stage.do_work();
  EXPECT_FALSE(outcome_.error());
  const auto second = place({}, {mark(Mark::Kind::keepalive, 100, 0)});
  window_.stamp_decoded(second);
  stage.do_work();
  ASSERT_TRUE(outcome_.error());
  EXPECT_EQ(outcome_.error()->kind, ErrorKind::gap);
  EXPECT_EQ(window_.sequenced(), second) << "nothing leaves after a gap";
  EXPECT_FALSE(stage.has_work());
}

TEST_F(Sequencing, SeesTheGapByAMessagePastTheOldEndToo) {
  Sequencer stage = sequencer(resumed());
  window_.stamp_decoded(place({change(9, 101)}));
  stage.do_work();
  ASSERT_TRUE(outcome_.error());
  EXPECT_EQ(outcome_.error()->kind, ErrorKind::gap);
}

TEST_F(Sequencing, StopsWhereTheOldFilterEnds) {
  SequencerPlan plan = fresh();
  plan.last_number = 2;
  Sequencer stage = sequencer(plan);
  window_.stamp_decoded(place({change(1, 11), change(1, 12)}));
  window_.stamp_decoded(place({change(1, 13)}));
  stage.do_work();
  EXPECT_EQ(window_.sequenced(), 1u);
  EXPECT_FALSE(stage.has_work());
  EXPECT_FALSE(outcome_.error());
}

}  // namespace
}  // namespace realtime
