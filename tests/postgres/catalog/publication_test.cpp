// The statement that makes the publication: as narrow as the server's version allows.

#include "postgres/catalog/publication.hpp"

#include <gtest/gtest.h>

namespace realtime {
namespace {

std::string made(const char* tables, int version) {
  return wide_publication_statement("p", *TablePatterns::parse(tables), version);
}

TEST(WidePublicationStatement, NamesTablesAndSchemas) {
  EXPECT_EQ(made("public.*", 150000), "CREATE PUBLICATION \"p\" FOR TABLES IN SCHEMA \"public\";");
  EXPECT_EQ(made("public.a,s.*", 170002),
            "CREATE PUBLICATION \"p\" FOR TABLE \"public\".\"a\", TABLES IN SCHEMA \"s\";");
  EXPECT_EQ(made("s.*,s.a", 150000), "CREATE PUBLICATION \"p\" FOR TABLES IN SCHEMA \"s\";");
}

TEST(WidePublicationStatement, ATableInAnySchemaNeedsAllTables) {
  EXPECT_EQ(made("*.a", 150000), "CREATE PUBLICATION \"p\" FOR ALL TABLES;");
}

TEST(WidePublicationStatement, AnOlderServerKnowsNoSchemas) {
  EXPECT_EQ(made("public.*", 149999), "CREATE PUBLICATION \"p\" FOR ALL TABLES;");
  EXPECT_EQ(made("public.a,s.*", 130000), "CREATE PUBLICATION \"p\" FOR ALL TABLES;");
  EXPECT_EQ(made("public.a,s.b", 130000),
            "CREATE PUBLICATION \"p\" FOR TABLE \"public\".\"a\", \"s\".\"b\";");
}

postgres::Relation table(const char* schema, const char* name, char kind = 'r', bool key = true) {
  postgres::Relation one;
  one.schema = schema;
  one.name = name;
  one.kind = kind;
  one.persistence = 'p';
  one.identity = 'd';
  one.has_key = key;
  return one;
}
postgres::Relation leaf(const char* name, const char* root, bool key = true) {
  postgres::Relation one = table("public", name, 'r', key);
  one.parent_schema = "public";
  one.parent = root;
  return one;
}
Config config_of(const char* tables, const char* excluded = "") {
  Config config;
  config.publication = "p";
  config.tables = *TablePatterns::parse(tables);
  if (*excluded) config.excluded_tables = *TablePatterns::parse(excluded);
  return config;
}

TEST(PublicationPlan, NamesTheMonitoredTablesThatThereAre) {
  const Config config = config_of("public.*", "public.no");
  auto unlogged = table("public", "u");
  unlogged.persistence = 'u';
  const auto plan = plan_publication(
      config,
      {table("public", "a\"b"), table("public", "no"), table("s", "x"), table("public", "v", 'v'), unlogged},
      150000);
  EXPECT_EQ(plan.statement, R"(CREATE PUBLICATION "p" FOR TABLE "public"."a""b";)");
  EXPECT_TRUE(plan.refused.empty());
  EXPECT_EQ(plan.remedy(config, 150000), plan.statement);
  EXPECT_EQ(plan_publication(config, {}, 150000).statement, R"(CREATE PUBLICATION "p";)");
}

TEST(PublicationPlan, ARootStandsForItsPartitionsThoseMadeLaterToo) {
  const std::vector<postgres::Relation> all = {table("public", "r", 'p'), leaf("l1", "r"),
                                               leaf("l2", "r", false)};
  const auto plan = plan_publication(config_of("public.*", "public.l2"), all, 150000);
  EXPECT_EQ(plan.statement, R"(CREATE PUBLICATION "p" FOR TABLE "public"."r";)");
  EXPECT_EQ(plan.refused, std::vector<std::string>{R"("public"."l2")"});
  EXPECT_EQ(plan_publication(config_of("public.l1"), all, 150000).statement,
            R"(CREATE PUBLICATION "p" FOR TABLE "public"."l1";)");
}

TEST(PublicationPlan, IsNotCarriedOutWhereUpdatesWouldBeRefused) {
  const Config config = config_of("public.*");
  auto generated = table("public", "g");
  generated.has_generated_key = true;
  const std::vector<postgres::Relation> all = {table("public", "a"), table("public", "n", 'r', false),
                                               generated};
  const auto plan = plan_publication(config, all, 150000);
  EXPECT_EQ(plan.refused, std::vector<std::string>{R"("public"."n")"});
  EXPECT_NE(plan.words().find("refuses every UPDATE and DELETE"), std::string::npos);
  EXPECT_EQ(plan.remedy(config, 150000).find(R"(ALTER TABLE "public"."n" REPLICA IDENTITY FULL; )"), 0u);
  EXPECT_TRUE(plan.remedy(config, 150000).ends_with(plan.statement));
  EXPECT_EQ(plan_publication(config, all, 180000).refused.size(), 2u);
}

TEST(PublicationPlan, AStatementTooLongToBeShownBecomesAWideOneThatIsExplained) {
  const Config config = config_of("public.*");
  std::vector<postgres::Relation> many;
  for (int i = 0; i < 1000; ++i) many.push_back(table("public", ("a_table_" + std::to_string(i)).c_str()));
  const std::string remedy = plan_publication(config, many, 150000).remedy(config, 150000);
  EXPECT_LT(remedy.size(), 1000u);
  EXPECT_NE(remedy.find("FOR TABLES IN SCHEMA \"public\"; It takes in tables that are made later"),
            std::string::npos);
}

}  // namespace
}  // namespace realtime
