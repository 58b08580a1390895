#include "ownership/stream_demand.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ownership/living_owner.hpp"

namespace realtime {
namespace {

using testing::HasSubstr;
using Owes = StreamDemand::Owes;

/// The base is at message 5, row 0/40 of transaction 7, committed at 1000; the log ends at 0/100.
StreamDemand::Demand demand(Owes owes) {
  StreamDemand::Demand demand;
  demand.queue = "search";
  demand.base = {{0x50}, 5, Identity{7, {0x40}, 0, 1'000}, owes != Owes::last};
  demand.owes = owes;
  demand.known_end = {0x100};
  return demand;
}

TEST(StreamDemand, TheLastMessageMustComeAgain) {
  StreamDemand proof(demand(Owes::last));
  proof.message(6, {0x30}, 900);
  EXPECT_FALSE(proof.is_proven());
  proof.message(7, {0x40}, 1'000);
  EXPECT_TRUE(proof.is_proven());
  EXPECT_TRUE(proof.last_came());
}

TEST(StreamDemand, AtAnotherTimeItIsAnotherOne) {
  StreamDemand proof(demand(Owes::last));
  proof.message(7, {0x40}, 1'001);
  EXPECT_FALSE(proof.is_proven());
  EXPECT_FALSE(proof.refused()) << "it may come still";
  proof.keepalive({0x100});
  ASSERT_TRUE(proof.refused());
  EXPECT_EQ(proof.refused()->kind, ErrorKind::other_history);
  EXPECT_THAT(proof.refused()->message, HasSubstr("row 0/40 of transaction 7"));
  EXPECT_THAT(proof.refused()->message, HasSubstr("queue search"));
}

TEST(StreamDemand, AnEarlierKeepaliveRefusesNothing) {
  StreamDemand proof(demand(Owes::last));
  proof.keepalive({0xFF});
  EXPECT_FALSE(proof.refused());
}

TEST(StreamDemand, AQueueThatIsFurtherIsAskedAtItsNumber) {
  StreamDemand::Demand both = demand(Owes::last);
  both.further.push_back({"integration", 7, {9, {0x60}, 1, 2'000}});
  StreamDemand proof(both);
  proof.message(7, {0x40}, 1'000);
  proof.message(9, {0x60}, 2'000);
  EXPECT_FALSE(proof.is_proven());
  proof.message(9, {0x60}, 2'000);
  EXPECT_TRUE(proof.is_proven());
  StreamDemand other(both);
  other.message(7, {0x40}, 1'000);
  other.message(8, {0x55}, 1'500);
  other.message(9, {0x60}, 2'000);
  ASSERT_TRUE(other.refused());
  EXPECT_THAT(other.refused()->message, HasSubstr("queue integration"));
}

TEST(StreamDemand, ACleanRecordsTransactionComesAgainOrNothingOfIt) {
  StreamDemand fresh(demand(Owes::same_or_new));
  EXPECT_FALSE(fresh.is_proven()) << "the first message decides";
  fresh.message(8, {0x70}, 2'000);
  EXPECT_TRUE(fresh.is_proven());
  StreamDemand again(demand(Owes::same_or_new));
  again.message(7, {0x38}, 1'000);
  EXPECT_FALSE(again.is_proven());
  again.message(7, {0x40}, 1'000);
  EXPECT_TRUE(again.is_proven());
  StreamDemand nothing(demand(Owes::same_or_new));
  nothing.keepalive({0x100});
  EXPECT_TRUE(nothing.is_proven());
}

TEST(StreamDemand, WithoutAHashTheStreamIsReadUntilThePositionHasPassed) {
  StreamDemand late(demand(Owes::perhaps));
  late.message(6, {0x30}, 900);
  late.message(7, {0x40}, 1'000);
  EXPECT_TRUE(late.is_proven());
  EXPECT_TRUE(late.last_came());
  StreamDemand fresh(demand(Owes::perhaps));
  fresh.message(8, {0x45}, 2'000);
  EXPECT_FALSE(fresh.is_proven());
  fresh.keepalive({0x51});
  EXPECT_TRUE(fresh.is_proven());
  EXPECT_FALSE(fresh.last_came());
}

TEST(StreamDemand, WithAChangedFilterTheTransactionStandsForTheMessage) {
  StreamDemand::Demand changed = demand(Owes::last);
  changed.by_transaction = true;
  changed.further.push_back({"integration", 6, {7, {0x48}, 0, 1'000}});
  StreamDemand proof(changed);
  proof.begin(6, 900);
  proof.message(6, {0x30}, 900);
  EXPECT_FALSE(proof.is_proven());
  proof.begin(7, 1'000);
  proof.message(7, {0x38}, 1'000);
  proof.message(7, {0x48}, 1'000);
  EXPECT_TRUE(proof.is_proven());
}

struct Living : testing::Test {
  LivingOwner living{std::chrono::seconds(10)};
  std::vector<QueueView> queues{{"search", Record{}, std::nullopt}};
  TimePoint now{};
  Living() { queues[0].record->life = {1, 4'000, 1}; }
  std::optional<Error> look(int milliseconds, std::int64_t server = 2) {
    now += std::chrono::milliseconds(milliseconds);
    return living.look(queues, server, now);
  }
};

TEST_F(Living, ARecordOfThisServerNeedsNoWatching) {
  EXPECT_FALSE(look(0, 1));
}

TEST_F(Living, ARecordOfAnotherStartIsWatchedForTheLongerLease) {
  EXPECT_EQ(look(0)->kind, ErrorKind::history_open);
  EXPECT_TRUE(look(9'900));
  EXPECT_FALSE(look(200));
  queues[0].record->life.lease_ms = 30'000;
  queues[0].record->life.beat = 9;
  EXPECT_TRUE(look(0));
  EXPECT_TRUE(look(29'000));
  EXPECT_FALSE(look(1'100));
}

TEST_F(Living, ABeatSaysThatItsOwnerLives) {
  EXPECT_TRUE(look(0));
  for (int i = 0; i < 20; ++i) {
    ++queues[0].record->life.beat;
    const auto said = look(3'000);
    ASSERT_TRUE(said);
    EXPECT_THAT(said->message, HasSubstr("goes on writing"));
  }
  EXPECT_TRUE(look(9'000));
  EXPECT_FALSE(look(1'100)) << "it has ended";
}

TEST_F(Living, ARecordOfAnOlderReleaseIsWatchedForOurLease) {
  queues[0].record->life = {};
  EXPECT_TRUE(look(0));
  EXPECT_FALSE(look(10'000));
}

TEST_F(Living, WhatThisProcessWroteNeedsNoWatching) {
  queues[0].record->epoch = 5;
  living.wrote(5);
  EXPECT_FALSE(look(0));
}

}  // namespace
}  // namespace realtime
