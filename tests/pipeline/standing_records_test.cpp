#include "pipeline/standing_records.hpp"

#include <gtest/gtest.h>

namespace realtime {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const TimePoint kStart{std::chrono::hours(1)};

TEST(StandingRecords, CountOnlyOnceTheWindowHasPassedAndAReadSawThem) {
  StandingRecords records(seconds(5));
  EXPECT_EQ(records.next_due(), TimePoint::max());
  records.written({100}, kStart);
  EXPECT_EQ(records.next_due(), kStart + seconds(5));
  EXPECT_FALSE(records.seen_standing(kStart + seconds(5) - milliseconds(1)));
  EXPECT_EQ(records.seen_standing(kStart + seconds(5)), Lsn{100});
  EXPECT_FALSE(records.seen_standing(kStart + seconds(9))) << "said once";
  EXPECT_EQ(records.next_due(), TimePoint::max());
}

TEST(StandingRecords, ConfirmTheNewestOfThoseThatAreOldEnough) {
  StandingRecords records(seconds(5));
  for (std::uint64_t i = 0; i < 5; ++i) records.written({100 + i}, kStart + seconds(static_cast<int>(i)));
  EXPECT_EQ(records.seen_standing(kStart + seconds(7)), Lsn{102});
  EXPECT_EQ(records.next_due(), kStart + seconds(8));
}

TEST(StandingRecords, WithTheSameLsnAreNotNews) {
  StandingRecords records(seconds(5));
  records.written({100}, kStart);
  records.written({100}, kStart + seconds(4));
  records.written({90}, kStart + seconds(4));
  EXPECT_EQ(records.seen_standing(kStart + seconds(5)), Lsn{100});
}

TEST(StandingRecords, NeverConfirmAWriteBeforeItsOwnWindow) {
  StandingRecords records(seconds(5));
  TimePoint now = kStart;
  std::vector<TimePoint> written{kStart};
  Lsn confirmed;
  for (std::uint64_t lsn = 1; lsn < 20'000; ++lsn) {
    now += std::chrono::microseconds(lsn * 7919 % 3'000);
    records.written({lsn}, now);
    written.push_back(now);
    if (lsn % 5 > 0) continue;
    const auto seen = records.seen_standing(now);
    if (!seen) continue;
    ASSERT_GT(*seen, confirmed);
    ASSERT_LE(written[seen->value] + seconds(5), now) << "message " << seen->value;
    confirmed = *seen;
  }
  EXPECT_GT(confirmed.value, 14'000u) << "and not much later either";
}

TEST(StandingRecords, WithoutAWindowCountAtOnce) {
  StandingRecords records(Duration::zero());
  records.written({100}, kStart);
  EXPECT_EQ(records.seen_standing(kStart), Lsn{100});
}

}  // namespace
}  // namespace realtime
