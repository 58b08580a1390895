// What accept-loss decides, from every state of slot and records.

#include "ownership/acceptance.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace realtime {
namespace {

using testing::HasSubstr;

const Filter kFilter{"wal2json", "public.*", ""};

constexpr std::uint64_t kClock = 5;  // behind the records: the next epoch is above them all the same

Claim claim() {
  Claim claim;
  claim.slot = "realtime";
  claim.database = "postgres";
  claim.queues = {"search", "integration", "events"};
  claim.filter = kFilter;
  return claim;
}

Record record_at(Lsn restart, std::uint64_t number) {
  Record record;
  record.epoch = 7;
  record.position = {restart, number, Identity{9, Lsn{restart.value - 8}, 0}, false};
  record.filter = kFilter;
  record.history = {42, 1, "postgres", "realtime"};
  return record;
}

/// Three queues (search, integration, events) that are all at 0/500, and a slot confirmed at 0/400.
class AcceptanceTest : public testing::Test {
 protected:
  AcceptanceTest() {
    now.server.system_identifier = 42;
    now.server.timeline = 1;
    now.server.wal_end = Lsn{0x600};
    now.slot.exists = true;
    now.slot.slot_type = "logical";
    now.slot.plugin = "wal2json";
    now.slot.database = "postgres";
    now.slot.confirmed_flush_lsn = Lsn{0x400};
    now.contents.resize(3);
    for (const char* name : {"search", "integration", "events"})
      now.checkpoints.queues.push_back({name, record_at(Lsn{0x500}, 50), {}});
    now.checkpoints.unreadable.resize(3);
    now.checkpoints.texts = {"a", "b", "c"};
  }
  Record& record(std::size_t q) { return *now.checkpoints.queues[q].record; }
  void make_unreadable(std::size_t q) {
    now.checkpoints.queues[q].record.reset();
    now.checkpoints.unreadable[q] = Error{ErrorKind::record_unreadable, "cannot be read"};
  }
  Result<std::optional<Acceptance>> decide() const { return plan_acceptance(now, claim(), kClock); }
  Acceptance plan() const {
    const auto decided = decide();
    EXPECT_TRUE(decided && *decided);
    return decided && *decided ? **decided : Acceptance{};
  }
  std::string said() const { return testing::PrintToString(plan().lines); }

  Look now;
};

TEST_F(AcceptanceTest, NothingIsWrong) {
  const auto decided = decide();
  ASSERT_TRUE(decided);
  EXPECT_FALSE(*decided);
}

TEST_F(AcceptanceTest, NeitherSlotNorRecordsIsTheFirstStart) {
  now.slot = {};
  for (auto& queue : now.checkpoints.queues) queue.record.reset();
  now.checkpoints.texts = {{}, {}, {}};
  const auto decided = decide();
  ASSERT_TRUE(decided);
  EXPECT_FALSE(*decided);
}

TEST_F(AcceptanceTest, BesideAnOwnerOnlyMarksGo) {
  now.slot.active = true;
  EXPECT_TRUE(decide() && !*decide());
  record(0).loss = "0/1..0/2";
  EXPECT_TRUE(plan().beside_owner);
  EXPECT_THAT(said(), HasSubstr("queue search has lost: 0/1..0/2"));
}

TEST_F(AcceptanceTest, BesideAnOwnerNothingElseIsTouched) {
  now.slot.active = true;
  now.slot.active_pid = 4711;
  const auto refused = [this] {
    const auto decided = decide();
    return !decided && decided.error().kind == ErrorKind::slot_active &&
           decided.error().message.find("4711") != std::string::npos;
  };
  record(0) = record_at(Lsn{0x300}, 30);  // behind the slot: a loss that nobody has marked
  EXPECT_TRUE(refused());
  now.checkpoints.queues[0].record.reset();
  EXPECT_TRUE(refused());
  make_unreadable(0);
  EXPECT_TRUE(refused());
}

TEST_F(AcceptanceTest, ASlotOfSomebodyElseIsNoLoss) {
  now.slot.plugin = "test_decoding";
  ASSERT_FALSE(decide());
  EXPECT_EQ(decide().error().kind, ErrorKind::slot_unsuitable);
}

TEST_F(AcceptanceTest, AStandbyServerIsLeftAlone) {
  now.server.in_recovery = true;
  now.slot = {};
  ASSERT_FALSE(decide());
}

TEST_F(AcceptanceTest, MarksOfLossGoAndNothingMoves) {
  record(1).loss = "0/100..0/200";
  const Acceptance accepted = plan();
  EXPECT_FALSE(accepted.make_slot);
  for (std::size_t q = 0; q < 3; ++q) {
    EXPECT_EQ(accepted.records[q].position, now.checkpoints.queues[q].record->position);
    EXPECT_EQ(accepted.records[q].loss, "");
    EXPECT_EQ(accepted.records[q].epoch, 8u);
  }
  EXPECT_THAT(said(), HasSubstr("queue integration has lost: 0/100..0/200"));
}

/// Redis may have forgotten a take-over whose epoch was just the next one.
TEST_F(AcceptanceTest, EpochsAreTakenFromTheClock) {
  record(1).loss = "0/100..0/200";
  const auto decided = plan_acceptance(now, claim(), 1'700'000'000'000);
  ASSERT_TRUE(decided && *decided);
  for (const Record& record : (*decided)->records) EXPECT_EQ(record.epoch, 1'700'000'000'000u);
}

TEST_F(AcceptanceTest, AQueueBehindTheSlotGoesOnWhereItIs) {
  record(1) = record_at(Lsn{0x300}, 30);
  const Acceptance accepted = plan();
  EXPECT_EQ(accepted.records[0].position.restart, Lsn{0x500});
  EXPECT_EQ(accepted.records[1].position.restart, Lsn{0x500});
  EXPECT_EQ(accepted.records[1].position.number, 50u);
  EXPECT_EQ(accepted.records[1].loss, "");
  EXPECT_THAT(said(), HasSubstr("queue integration has lost: 0/300..0/500"));
}

TEST_F(AcceptanceTest, TheSlotIsMissing) {
  now.slot = {};
  const Acceptance accepted = plan();
  EXPECT_TRUE(accepted.make_slot);
  EXPECT_FALSE(accepted.drop_slot);
  EXPECT_THAT(said(), HasSubstr("(0/500, 0/600] is lost"));
  for (const Record& record : accepted.records) {
    EXPECT_EQ(record.position.number, 50u);
    EXPECT_TRUE(record.position.clean);
    EXPECT_FALSE(record.position.last);
    EXPECT_EQ(record.filter, kFilter);
    EXPECT_EQ(record.epoch, 8u);
  }
}

TEST_F(AcceptanceTest, TheSlotIsLost) {
  now.slot.wal_status = "lost";
  EXPECT_TRUE(plan().make_slot);
  EXPECT_TRUE(plan().drop_slot);
}

TEST_F(AcceptanceTest, AnotherClusterGoesOnFromTheSlot) {
  now.server.system_identifier = 43;
  const Acceptance accepted = plan();
  EXPECT_FALSE(accepted.make_slot);
  EXPECT_EQ(accepted.records[0].position.restart, Lsn{0x400});
  EXPECT_EQ(accepted.records[0].history.system_identifier, 43u);
  EXPECT_THAT(said(), HasSubstr("another PostgreSQL cluster"));
}

TEST_F(AcceptanceTest, NumbersGoOnAboveAStreamsIds) {
  now.server.system_identifier = 43;
  now.contents[2].last_id = 80;
  EXPECT_EQ(plan().records[0].position.number, 80u);
}

TEST_F(AcceptanceTest, AnUnreadableRecordGoesOnWithTheOthers) {
  make_unreadable(0);
  const Acceptance accepted = plan();
  EXPECT_FALSE(accepted.make_slot);
  EXPECT_EQ(accepted.records[0].position, record(1).position);
  EXPECT_EQ(accepted.records[1].position, record(1).position);
  EXPECT_THAT(said(), HasSubstr("queue search goes on at 0/500"));
}

TEST_F(AcceptanceTest, MarksGoToo) {
  make_unreadable(0);
  record(1).loss = "0/100..0/200";
  EXPECT_EQ(plan().records[1].loss, "");
  EXPECT_THAT(said(), HasSubstr("queue integration has lost: 0/100..0/200"));
}

TEST_F(AcceptanceTest, AStreamKnowsItselfHowFarItWas) {
  make_unreadable(2);
  now.contents[2].last_id = 60;
  EXPECT_EQ(plan().records[2].position.number, 60u);
  EXPECT_EQ(plan().records[1].position.number, 50u);
}

TEST_F(AcceptanceTest, AllUnreadableGoesOnFromTheSlot) {
  for (std::size_t q = 0; q < 3; ++q) make_unreadable(q);
  EXPECT_EQ(plan().records[0].position.restart, Lsn{0x400});
  EXPECT_THAT(said(), HasSubstr("after 0/400 is delivered"));
}

TEST_F(AcceptanceTest, ARecordBeyondTheLogIsGivenUpAlone) {
  record(0) = record_at(Lsn{0x900}, 90);
  const Acceptance accepted = plan();
  EXPECT_EQ(accepted.records[0].position, record(1).position);
  EXPECT_THAT(said(), HasSubstr("past the end of the server's log"));
}

/// Whatever was accepted, the next start finds nothing wrong.
TEST_F(AcceptanceTest, WhatIsAcceptedIsSound) {
  const auto sound_after = [this](auto change) {
    const Look before = now;
    change();
    Acceptance accepted = plan();
    if (accepted.make_slot) {
      now.slot = before.slot;
      now.slot.confirmed_flush_lsn = Lsn{0x600};
      for (Record& record : accepted.records) record.position.restart = Lsn{0x600};
    }
    for (std::size_t q = 0; q < 3; ++q) {
      now.checkpoints.queues[q].record = accepted.records[q];
      now.checkpoints.unreadable[q].reset();
    }
    const auto decided = decide();
    EXPECT_TRUE(decided && !*decided);
    now = before;
  };
  sound_after([this] { now.slot = {}; });
  sound_after([this] { now.server.system_identifier = 43; });
  sound_after([this] { record(0).history.slot = "another"; });
  sound_after([this] { record(0).position.restart = Lsn{0x100}; });
  sound_after([this] { make_unreadable(1); });
  sound_after([this] { record(2).history.timeline = 3; });
  sound_after([this] { record(2).loss = "0/1..0/2"; });
}

}  // namespace
}  // namespace realtime
