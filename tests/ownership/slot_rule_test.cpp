#include "ownership/slot_rule.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace realtime {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

class SlotRuleTest : public ::testing::Test {
 protected:
  SlotRuleTest() {
    claim_.slot = "realtime";
    claim_.database = "app";
    claim_.queues = {"search"};
    claim_.filter = {"wal2json", "public.*", ""};
    server_.encoding = "UTF8";
    slot_.exists = true;
    slot_.slot_type = "logical";
    slot_.plugin = "wal2json";
    slot_.database = "app";
  }
  ErrorKind refused() const {
    const auto error = refuse_place(server_, slot_, claim_);
    return error ? error->kind : ErrorKind::stopped;
  }
  Claim claim_;
  ServerFacts server_;
  SlotFacts slot_;
};

TEST_F(SlotRuleTest, OursIsOurs) {
  EXPECT_EQ(mismatch_of(slot_, claim_), SlotMismatch::none);
  EXPECT_FALSE(refuse_place(server_, slot_, claim_));
}

TEST_F(SlotRuleTest, ASlotThatIsNotThereIsNobodys) {
  slot_ = {};
  EXPECT_EQ(mismatch_of(slot_, claim_), SlotMismatch::none);
  EXPECT_FALSE(refuse_place(server_, slot_, claim_));
}

TEST_F(SlotRuleTest, NamesWhatDiffers) {
  slot_.database = "other";
  EXPECT_EQ(mismatch_of(slot_, claim_), SlotMismatch::database);
  slot_.plugin = "pgoutput";
  EXPECT_EQ(mismatch_of(slot_, claim_), SlotMismatch::plugin);
  slot_.slot_type = "physical";
  EXPECT_EQ(mismatch_of(slot_, claim_), SlotMismatch::physical);
  EXPECT_EQ(refused(), ErrorKind::slot_unsuitable);
  EXPECT_THAT(
      refuse_place(server_, slot_, claim_)->message,
      HasSubstr("slot realtime is physical, plugin \"pgoutput\", database \"other\"; needed: logical, "
                "plugin \"wal2json\", database \"app\""));
}

TEST_F(SlotRuleTest, PgoutputsTwoPhaseIsRefusedWithTheWayOut) {
  slot_.two_phase = true;
  EXPECT_FALSE(refuse_place(server_, slot_, claim_)) << "with wal2json it changes nothing";
  slot_.plugin = claim_.filter.plugin = "pgoutput";
  EXPECT_EQ(refused(), ErrorKind::slot_unsuitable);
  EXPECT_THAT(refuse_place(server_, slot_, claim_)->remedy, HasSubstr("pg_copy_logical_replication_slot"));
}

TEST_F(SlotRuleTest, WaitsForWhoStreams) {
  slot_.active = true;
  slot_.active_pid = 4711;
  EXPECT_EQ(refused(), ErrorKind::slot_active);
  EXPECT_THAT(refuse_place(server_, slot_, claim_)->message, HasSubstr("process 4711"));
  slot_.temporary = true;
  EXPECT_EQ(refused(), ErrorKind::stopped) << "no owner of ours: look_for_original() has the word";
}

TEST_F(SlotRuleTest, ARecoveringServerComesFirst) {
  slot_.active = true;
  server_.encoding = "SQL_ASCII";
  EXPECT_EQ(refused(), ErrorKind::postgres_encoding);
  server_.in_recovery = true;
  EXPECT_EQ(refused(), ErrorKind::postgres_starting);
}

TEST_F(SlotRuleTest, TheOriginalIsWaitedFor) {
  EXPECT_FALSE(refuse_original({}, claim_));
  EXPECT_THAT(refuse_original({"node-1", false}, claim_)->message, HasSubstr("owner node-1"));
  EXPECT_THAT(refuse_original({"", true}, claim_)->message, HasSubstr("as a temporary one"));
}

TEST_F(SlotRuleTest, TheServerWaitsForASilentOwnerAsLongAsTheSmallerOfBoth) {
  EXPECT_EQ(owner_timeout(60s, 10s), 10s);
  EXPECT_EQ(owner_timeout(3s, 10s), 3s);
  EXPECT_EQ(owner_timeout(0s, 10s), 10s) << "0 is none";
}

}  // namespace
}  // namespace realtime
