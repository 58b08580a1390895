// The providers' names and remedies, which need no server.

#include "postgres/catalog/provider.hpp"

#include <gtest/gtest.h>

namespace realtime::postgres {
namespace {

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

}  // namespace
}  // namespace realtime::postgres
