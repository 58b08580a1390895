// What a writer does about connections that end: silently where it is harmless, once where it is not, and
// with the message named where it is too large.
#include <list>

#include "pipeline/message_table.hpp"
#include "pipeline/push_limit.hpp"
#include "pipeline/writing.hpp"

namespace realtime {
namespace {

using namespace std::chrono_literals;
using test::Writing;

class WriterTroubles : public Writing {
 protected:
  /// Opens again and has the record read, as it was.
  void reopen() {
    clock_.advance(10s);
    writer_->do_work();
    EXPECT_EQ(sink_.doing, "open");
    answer(text_);
    writer_->do_work();
  }
  /// A message whose text is so long, in a place of its own.
  void sequence_text(std::uint64_t number, const std::string& text) {
    texts_.push_back("$" + std::to_string(text.size()) + "\r\n" + text + "\r\n");
    auto frame = window_.spare_frame();
    frame->encoded = texts_.back().data();
    frame->changes.push_back({0, static_cast<std::uint32_t>(texts_.back().size()), 9, 0, {number + 2'000}});
    Place place;
    place.first_number = number;
    place.end = {{number + 2'000}, number, Identity{9, {number + 2'000}, 0}, false};
    const std::uint64_t sequence = window_.claim(std::move(frame));
    place.frame = std::move(window_.at(sequence).frame);
    window_.at(sequence) = std::move(place);
    window_.stamp_decoded(sequence);
    window_.publish_sequenced(sequence + 1);
  }
  static std::string large() {
    return R"({"action":"I","schema":"public","table":"big \"one\"","columns":[)" +
           std::string(600'000, 'x') + "]}";
  }
  std::list<std::string> texts_;
};

TEST_F(WriterTroubles, AnIdleConnectionThatEndsIsOpenedAnewWithoutAWord) {
  open();
  clock_.advance(5min);
  sink_.opened = false;
  writer_->do_work();
  writer_->do_work();
  EXPECT_EQ(sink_.doing, "open");
  EXPECT_FALSE(writer_->trouble());
  answer(text_);
  EXPECT_EQ(metrics_.queues[0].retries.value(), 0u);
}

TEST_F(WriterTroubles, OneThatEndsAtOnceIsNotOpenedInALoop) {
  open();
  int opened = 0;
  const TimePoint end = clock_.now() + 1s;
  while (clock_.now() < end) {
    sink_.opened = false;
    writer_->do_work();
    clock_.advance(1ms);
    writer_->do_work();
    if (sink_.doing != "open") continue;
    ++opened;
    answer(text_);
  }
  EXPECT_LE(opened, 8);
}

TEST_F(WriterTroubles, TheFirstStepAfterALongSilenceOnlyFindsOut) {
  open();
  clock_.advance(5min);
  sequence(1, 1);
  EXPECT_EQ(sink_.doing, "push");
  fail();
  EXPECT_FALSE(writer_->trouble());
  writer_->do_work();
  EXPECT_EQ(sink_.doing, "open") << "at once";
  fail();
  EXPECT_TRUE(writer_->trouble()) << "it is not only that connection";
}

TEST_F(WriterTroubles, APushThatBreaksEachConnectionIsOneTrouble) {
  open();
  sequence(1, 3);
  fail();
  const TimePoint since = writer_->trouble()->since;
  for (int i = 0; i < 10; ++i) {
    reopen();
    ASSERT_TRUE(writer_->trouble()) << "connecting is not what failed";
    EXPECT_EQ(writer_->trouble()->since, since);
    EXPECT_EQ(sink_.doing, "push");
    fail();
  }
  EXPECT_GE(writer_->idle().until - clock_.now(), 2s) << "the backoff goes on";
  EXPECT_EQ(ended(), ErrorKind::stopped) << "small messages are no oversize";
  reopen();
  answer(sink_.record);
  EXPECT_FALSE(writer_->trouble());
}

TEST_F(WriterTroubles, ATroubleOutlivesThePipeline) {
  open();
  sequence(1, 1);
  fail();
  const TimePoint since = writer_->trouble()->since;
  clock_.advance(1min);
  make(test::first_record());
  reopen();
  ASSERT_TRUE(writer_->trouble());
  EXPECT_EQ(writer_->trouble()->since, since);
  troubles_->let_go();
  EXPECT_FALSE(writer_->trouble());
  EXPECT_EQ(metrics_.queues[0].stuck.value(), 0u);
}

TEST_F(WriterTroubles, AMessageThatBreaksEachConnectionAloneIsNamed) {
  open();
  sequence(1, 2);
  answer(sink_.record);
  text_ = sink_.record;
  sequence_text(3, "{}");
  sequence_text(4, large());
  sequence_text(5, "{}");
  writer_->do_work();
  EXPECT_EQ(sink_.numbers, (std::vector<std::uint64_t>{3, 4}));  // the batch is full with it
  for (int i = 0; i < 4; ++i) {
    fail();
    EXPECT_EQ(ended(), ErrorKind::stopped);
    reopen();
  }
  EXPECT_EQ(sink_.numbers, std::vector<std::uint64_t>{3}) << "alone";
  answer(sink_.record);
  text_ = sink_.record;
  writer_->do_work();
  for (int i = 0; i < 20 && !outcome_.error(); ++i) {
    EXPECT_EQ(sink_.numbers, std::vector<std::uint64_t>{4});
    fail();
    if (!outcome_.error()) reopen();
  }
  ASSERT_EQ(ended(), ErrorKind::row_too_large);
  EXPECT_THAT(outcome_.error()->message, testing::HasSubstr("public.big \"one\" at 0/7D4 has 600"));
}

TEST_F(WriterTroubles, AMessageThatRedisRefusesIsLeftOut) {
  settings_.skip_oversize = true;
  make(test::first_record());
  open();
  sequence_text(1, "{}");
  sequence_text(2, large());
  sequence_text(3, "{}");
  writer_->do_work();
  fail(ErrorKind::row_too_large);
  EXPECT_FALSE(writer_->trouble());
  reopen();
  EXPECT_EQ(sink_.doing, "push");
  EXPECT_EQ(sink_.numbers, (std::vector<std::uint64_t>{1, 3}));
  EXPECT_EQ(parse_record(sink_.record)->position.number, 3u);
  answer(sink_.record);
  EXPECT_EQ(released(), 3u);
  EXPECT_EQ(metrics_.queues[0].oversize.value(), 1u);
}

TEST_F(WriterTroubles, WhereNothingElseIsThereTheRecordPassesIt) {
  settings_.skip_oversize = true;
  make(test::first_record());
  open();
  sequence_text(1, large());
  writer_->do_work();
  fail(ErrorKind::row_too_large);
  reopen();
  EXPECT_EQ(sink_.doing, "set_record");
  EXPECT_EQ(parse_record(sink_.record)->position.number, 1u);
}

TEST(PushLimitTest, GrowsAgainBelowWhatBroke) {
  TimePoint now = TimePoint{} + 1h;
  PushLimit limit(512 << 10);
  for (int i = 0; i < 3; ++i) limit.broke(7, 400'000, now);
  EXPECT_EQ(limit.bytes(), 512u << 10) << "a few times is anything";
  limit.broke(7, 400'000, now);
  EXPECT_EQ(limit.bytes(), 1u);
  EXPECT_EQ(limit.broke_alone(), 0u);
  limit.broke(1, 5'000, now);
  EXPECT_EQ(limit.broke_alone(), 1u);
  for (int i = 0; i < 10; ++i) limit.done(now);
  EXPECT_EQ(limit.bytes(), 200'000u);
  for (int i = 0; i < 10; ++i) limit.done(now + 1min);
  EXPECT_EQ(limit.bytes(), 512u << 10);
}

TEST(MessageTableTest, ReadsNames) {
  EXPECT_EQ(table_of_message(R"({"action":"D","schema":"public","table":"t","identity":[]})"), "public.t");
  EXPECT_EQ(table_of_message(R"({"action":"I","schema":"a\"b","table":"c\\d","columns":[{"name":"table"}]})"),
            R"(a"b.c\d)");
  for (const char* text :
       {"", "{}", R"({"action":"I","schema":"public)", R"({"schema":"x","tab)", R"("schema":"a\)"})
    EXPECT_EQ(table_of_message(text), "an unknown table") << text;
}

}  // namespace
}  // namespace realtime
