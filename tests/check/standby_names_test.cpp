// Reading synchronous_standby_names, which needs no server.

#include "check/standby_names.hpp"

#include <gtest/gtest.h>

namespace realtime::preflight {
namespace {

TEST(StandbyNames, AStarIsEverybody) {
  EXPECT_TRUE(names_standby("*", "me"));
  EXPECT_TRUE(names_standby("FIRST 2 (a, *)", "me"));
  EXPECT_TRUE(names_standby("ANY 1 (\"*\")", "me"));
  EXPECT_FALSE(names_standby("", "me"));
}

TEST(StandbyNames, ANameIsComparedWholeAndWithoutCase) {
  EXPECT_TRUE(names_standby("FIRST 1 (a, \"Hash-Realtime/1.0.0 abcd\")", "hash-realtime/1.0.0 ABCD"));
  EXPECT_TRUE(names_standby("a,me,b", "me"));
  EXPECT_FALSE(names_standby("FIRST 1 (a, mee, \"m\", \"m\"\"e\")", "me"));
  EXPECT_TRUE(names_standby("\"m\"\"e\"", "m\"e"));
}

TEST(StandbyNames, WhatIsBrokenEnds) {
  EXPECT_FALSE(names_standby("\"open", "me"));
  EXPECT_FALSE(names_standby("((,,\"", "me"));
}

}  // namespace
}  // namespace realtime::preflight
