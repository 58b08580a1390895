#include <set>

#include <gtest/gtest.h>

#include "realtime/error.hpp"

namespace realtime {
namespace {

using enum ErrorKind;

TEST(ErrorPolicy, EveryKindHasItsRowWithANameOfItsOwn) {
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(stopped); ++i) {
    const auto kind = static_cast<ErrorKind>(i);
    const ErrorPolicy& policy = policy_of(kind);
    EXPECT_EQ(policy.kind, kind);
    EXPECT_TRUE(names.insert(policy.name).second) << policy.name;
    EXPECT_EQ(policy.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string_view::npos)
        << policy.name;
    EXPECT_EQ(policy.remedy.empty(), kind == stopped || kind == reconnect_wanted) << policy.name;
  }
}

TEST(ErrorPolicy, WhatNoWaitingMendsStops) {
  for (const auto kind : {slot_lost, slot_missing, gap, other_history, other_service, record_unreadable,
                          row_too_large, wrong_setting}) {
    EXPECT_EQ(policy_of(kind).action, Action::stop) << policy_of(kind).name;
  }
}

TEST(ErrorPolicy, WhatAnOperatorMendsFromOutsideIsWaitedFor) {
  for (const auto kind : {postgres_unreachable, postgres_plugin_missing, postgres_plugin_refused,
                          postgres_wal_level, postgres_right_missing, postgres_no_free_slot, slot_unsuitable,
                          redis_unreachable, redis_out_of_memory, queue_wrong_type, redis_unknown,
                          redis_forgot, redis_authentication, record_newer, tables_unknown}) {
    EXPECT_EQ(policy_of(kind).action, Action::retry) << policy_of(kind).name;
  }
}

TEST(ErrorPolicy, AnotherOwnerIsGivenWay) {
  EXPECT_EQ(policy_of(fenced).action, Action::yield);
  EXPECT_EQ(policy_of(slot_active).action, Action::yield);
}

TEST(ErrorPolicy, TheMendingStatementIsInTheRemedy) {
  EXPECT_NE(policy_of(postgres_wal_level).remedy.find("ALTER SYSTEM SET wal_level = logical"),
            std::string_view::npos);
  EXPECT_NE(policy_of(postgres_right_missing).remedy.find("WITH REPLICATION"), std::string_view::npos);
  EXPECT_NE(policy_of(slot_lost).remedy.find("accept-loss"), std::string_view::npos);
  EXPECT_NE(policy_of(slot_missing).remedy.find("accept-loss"), std::string_view::npos);
}

TEST(ErrorPolicy, AnExactRemedyGoesBeforeTheGeneralOne) {
  EXPECT_EQ((Error{redis_loading, "x"}.what_to_do()), policy_of(redis_loading).remedy);
  EXPECT_EQ((Error{redis_loading, "x", "wait"}.what_to_do()), "wait");
}

}  // namespace
}  // namespace realtime
