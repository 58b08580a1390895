#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "postgres/pgoutput/type_names.hpp"

namespace realtime::postgres::pgoutput {
namespace {

using testing::ElementsAre;

/// A catalog whose answers can be changed, and which counts.
struct TypeLookupTest : testing::Test {
  std::map<TypeId, std::string> catalog = {
      {{23, -1}, "integer"}, {{1043, 14}, "character varying(10)"}, {{20000, -1}, "mood"}};
  std::size_t questions = 0, types_asked = 0;
  TypeNames names{[this](std::span<const TypeId> types) -> Result<std::vector<std::string>> {
    ++questions;
    types_asked += types.size();
    std::vector<std::string> answer;
    for (const TypeId& type : types) answer.push_back(catalog.contains(type) ? catalog[type] : "???");
    return answer;
  }};
  std::vector<std::string> ask(const std::vector<TypeId>& types) {
    auto answer = names.names(types);
    return answer ? *answer : std::vector<std::string>{answer.error().message};
  }
};

TEST_F(TypeLookupTest, AllTypesOfATableAreOneQuestion) {
  EXPECT_THAT(ask({{1043, 14}, {23, -1}, {20000, -1}, {23, -1}}),
              ElementsAre("character varying(10)", "integer", "mood", "integer"));
  EXPECT_EQ(questions, 1u);
  EXPECT_EQ(types_asked, 3u);
  EXPECT_THAT(ask({{23, -1}}), ElementsAre("integer"));
  EXPECT_EQ(questions, 1u);
}

TEST_F(TypeLookupTest, ATypeMessageMakesItsTypeUnknownAgain) {
  ask({{23, -1}, {20000, -1}});
  catalog[{20000, -1}] = "feeling";
  names.declare(20000, "public", "feeling");
  EXPECT_THAT(ask({{23, -1}, {20000, -1}}), ElementsAre("integer", "feeling"));
  EXPECT_EQ(types_asked, 3u);
}

TEST_F(TypeLookupTest, ATypeThatIsGoneKeepsTheNameItWasDeclaredWith) {
  names.declare(30000, "public", "gone");
  names.declare(30001, "Odd", "a\"b");
  EXPECT_THAT(ask({{30000, -1}, {30001, -1}}), ElementsAre("gone", "\"Odd\".\"a\"\"b\""));
  names.forget_declared();
  EXPECT_THAT(ask({{30000, -1}, {30002, -1}}), ElementsAre("gone", "???"));
}

TEST_F(TypeLookupTest, ADeclaredTypeIsCalledAsInSql) {
  EXPECT_EQ(name_of_declared("public", "_mood"), "mood[]");
  EXPECT_EQ(name_of_declared("s", "_My Mood"), "s.\"My Mood\"[]");
  EXPECT_EQ(name_of_declared("pg_catalog", "int4"), "integer");  // of a domain: its base type
  EXPECT_EQ(name_of_declared("pg_catalog", "_timestamptz"), "timestamp with time zone[]");
  EXPECT_EQ(name_of_declared("pg_catalog", "jsonb"), "jsonb");
  EXPECT_EQ(name_of_declared("public", "int4"), "int4");
  EXPECT_EQ(name_of_declared("public", "_"), "_");
}

TEST_F(TypeLookupTest, AskingAnewTellsWhetherANameHasChanged) {
  ask({{23, -1}, {20000, -1}});
  const auto anew = [this] {
    const auto changed = names.ask_anew({{20000, -1}, {20000, -1}});
    return changed && *changed;
  };
  EXPECT_FALSE(anew());
  catalog[{20000, -1}] = "feeling";
  EXPECT_TRUE(anew());
  EXPECT_THAT(ask({{20000, -1}}), ElementsAre("feeling"));
  catalog.erase({20000, -1});
  EXPECT_FALSE(anew());
  EXPECT_THAT(ask({{20000, -1}}), ElementsAre("feeling"));
}

TEST_F(TypeLookupTest, AnAnswerOfAnotherLengthIsAnError) {
  TypeNames broken(
      [](std::span<const TypeId>) -> Result<std::vector<std::string>> { return std::vector<std::string>{}; });
  EXPECT_FALSE(broken.names(std::vector<TypeId>{{23, -1}}));
}

TEST_F(TypeLookupTest, TypesWithoutEndDoNotFillTheMemory) {
  std::vector<TypeId> types;
  for (std::uint32_t oid = 100000; oid < 160000; ++oid) types.push_back({oid, -1});
  ask(types);
  for (TypeId& type : types) type.oid += 60000;
  EXPECT_EQ(ask(types).size(), types.size());
  EXPECT_THAT(ask({{23, -1}}), ElementsAre("integer"));
}

}  // namespace
}  // namespace realtime::postgres::pgoutput
