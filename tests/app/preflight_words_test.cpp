// The parts of the preflight that need no server: names, providers' remedies, words.

#include <gtest/gtest.h>

#include "app/preflight/provider.hpp"
#include "app/preflight/standby_names.hpp"
#include "app/preflight/words.hpp"

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

TEST(ProviderOf, ShowsInSettingsOrRoles) {
  EXPECT_EQ(provider_of({"wal_level", "rds.logical_replication"}, {}), Provider::rds);
  EXPECT_EQ(provider_of({"wal_level"}, {"rds_superuser"}), Provider::rds);
  EXPECT_EQ(provider_of({"cloudsql.logical_decoding"}, {}), Provider::cloud_sql);
  EXPECT_EQ(provider_of({}, {"cloudsqlsuperuser"}), Provider::cloud_sql);
  EXPECT_EQ(provider_of({"azure.extensions"}, {}), Provider::azure);
  EXPECT_EQ(provider_of({"wal_level"}, {"postgres", "accords_admin"}), Provider::self_managed);
}

TEST(RemedyFor, FollowsTheProvider) {
  const Error level{ErrorKind::postgres_wal_level, {}}, right{ErrorKind::postgres_right_missing, {}};
  EXPECT_NE(remedy_for(Provider::rds, level, "r").find("rds.logical_replication = 1"), std::string::npos);
  EXPECT_NE(remedy_for(Provider::cloud_sql, level, "r").find("cloudsql.logical_decoding = on"),
            std::string::npos);
  EXPECT_NE(remedy_for(Provider::azure, level, "r").find("server parameter wal_level"), std::string::npos);
  EXPECT_EQ(remedy_for(Provider::rds, right, "r"), "GRANT rds_replication TO \"r\";");
  EXPECT_EQ(remedy_for(Provider::cloud_sql, right, "a\"b"), "ALTER ROLE \"a\"\"b\" WITH REPLICATION;");
}

TEST(RemedyFor, KeepsTheErrorsOwnWords) {
  EXPECT_EQ(remedy_for(Provider::rds, {ErrorKind::postgres_pooler, "m", "mine"}, "r"), "mine");
}

TEST(Words, SizesAndTimes) {
  EXPECT_EQ(bytes_words(0), "0 bytes");
  EXPECT_EQ(bytes_words(1536), "1.5 KiB");
  EXPECT_EQ(bytes_words(std::uint64_t{40} << 30), "40 GiB");
  EXPECT_EQ(bytes_words(~std::uint64_t{0}), "16384 PiB");
  EXPECT_EQ(time_words(std::chrono::seconds(119)), "119 s");
  EXPECT_EQ(time_words(std::chrono::minutes(14)), "14 min");
  EXPECT_EQ(time_words(std::chrono::hours(5)), "5.0 h");
}

TEST(Words, WhatATerminalWouldObeyIsNotShown) {
  EXPECT_EQ(shown("a\033[2Jb\n\xffg\xc3\xa9"), "a?[2Jb??g\xc3\xa9");
}

TEST(Words, LocalHosts) {
  for (const char* host : {"localhost", "127.0.0.1", "::1", "/run/postgresql"})
    EXPECT_TRUE(is_local(host)) << host;
  for (const char* host : {"db", "10.0.0.1", "localhost.example.org"}) EXPECT_FALSE(is_local(host)) << host;
}

}  // namespace
}  // namespace realtime::preflight
