// What a writer does by its clock: records keepalives, and reads the record once the replay window is over,
// so that it may be confirmed.
#include "realtime/checkpoint_text.hpp"

#include "pipeline/writing.hpp"

namespace realtime {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::Writing;

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

}  // namespace
}  // namespace realtime
