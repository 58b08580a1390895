// The statement that makes the publication: as narrow as the server's version allows.

#include "postgres/catalog/publication.hpp"

#include <gtest/gtest.h>

namespace realtime {
namespace {

std::string made(const char* tables, int version) {
  return publication_statement("p", *TablePatterns::parse(tables), version);
}

TEST(PublicationStatement, NamesTablesAndSchemas) {
  EXPECT_EQ(made("public.*", 150000), "CREATE PUBLICATION \"p\" FOR TABLES IN SCHEMA \"public\";");
  EXPECT_EQ(made("public.a,s.*", 170002),
            "CREATE PUBLICATION \"p\" FOR TABLE \"public\".\"a\", TABLES IN SCHEMA \"s\";");
  EXPECT_EQ(made("s.*,s.a", 150000), "CREATE PUBLICATION \"p\" FOR TABLES IN SCHEMA \"s\";");
}

TEST(PublicationStatement, ATableInAnySchemaNeedsAllTables) {
  EXPECT_EQ(made("*.a", 150000), "CREATE PUBLICATION \"p\" FOR ALL TABLES;");
}

TEST(PublicationStatement, AnOlderServerKnowsNoSchemas) {
  EXPECT_EQ(made("public.*", 149999), "CREATE PUBLICATION \"p\" FOR ALL TABLES;");
  EXPECT_EQ(made("public.a,s.*", 130000), "CREATE PUBLICATION \"p\" FOR ALL TABLES;");
  EXPECT_EQ(made("public.a,s.b", 130000),
            "CREATE PUBLICATION \"p\" FOR TABLE \"public\".\"a\", \"s\".\"b\";");
}

}  // namespace
}  // namespace realtime
