#include "app/table_watch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/log.hpp"

namespace realtime {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct TableWatchTest : testing::Test {
  TableWatchTest() {
    log::start(log::Style::json, log::Level::error);
    config.plugin = Plugin::pgoutput;
    config.publication = "p";
    config.tables = *TablePatterns::parse("public.*");
    view.publication = {true, false, true, true, true};
    board.set_phase(Phase::streaming);
  }
  postgres::Relation& add(const char* name) {
    postgres::Relation one;
    one.schema = "public";
    one.name = name;
    one.kind = 'r';
    one.persistence = 'p';
    one.identity = 'd';
    one.has_key = one.in_publication = true;
    return view.relations.emplace_back(one);
  }
  void take() { watch.take(view, now += std::chrono::seconds(1)); }
  std::vector<std::string> shown() const {
    std::vector<std::string> texts;
    for (const auto& fault : board.facts().tables.faults) texts.push_back(fault.message);
    return texts;
  }

  Config config;
  ServiceBoard board{config};
  TableView view;
  TableWatch watch{config, board};
  TimePoint now{std::chrono::seconds(1'000)};
};

TEST_F(TableWatchTest, OnlyWhatHasArrivedBeforeHoldsTheOwnerUp) {
  add("a");
  add("never").in_publication = false;
  take();
  EXPECT_THAT(shown(), ElementsAre("public.never: not in publication p"));
  EXPECT_FALSE(board.facts().trouble);
  view.relations[0].in_publication = false;
  take();
  ASSERT_TRUE(board.facts().trouble);
  EXPECT_THAT(board.facts().trouble->message, HasSubstr("public.a"));
  EXPECT_EQ(board.facts().trouble->remedy, R"(ALTER PUBLICATION "p" ADD TABLE "public"."a";)");
  EXPECT_EQ(board.facts().tables.incomplete, 2u);
  view.relations.clear();  // dropped
  take();
  EXPECT_FALSE(board.facts().trouble);
  add("a").in_publication = false;  // and made anew
  take();
  EXPECT_TRUE(board.facts().trouble);
  board.set_phase(Phase::standby);
  EXPECT_FALSE(board.facts().trouble);
}

TEST_F(TableWatchTest, WhatIsNarrowedIsSaidAndHoldsNobodyUp) {
  add("a").is_narrowed = true;
  view.publication.deletes = false;
  take();
  EXPECT_THAT(shown(), ElementsAre("publication p does not publish deletes",
                                   "public.a: publication p leaves rows or columns of it out"));
  EXPECT_FALSE(board.facts().trouble);
  view.publication = {};
  take();
  EXPECT_TRUE(board.facts().trouble);
}

TEST_F(TableWatchTest, NamesOfTypesAreNoMissingChanges) {
  add("a");
  view.hidden_types = {{"public.mood", "public", "a", false}, {"public.other", "elsewhere", "x", false}};
  config.postgres.user = "role";
  take();
  ASSERT_EQ(shown().size(), 1u);
  EXPECT_THAT(shown()[0], HasSubstr("public.mood in public.a: the role may not use the schema"));
  EXPECT_EQ(board.facts().tables.faults[0].remedy, R"(GRANT USAGE ON SCHEMA public TO "role";)");
  EXPECT_EQ(board.facts().tables.incomplete, 0u);
  EXPECT_EQ(board.facts().tables.names_changed, 1u);
  watch.take({}, now);
}

TEST_F(TableWatchTest, WhatIsShownIsBounded) {
  for (int i = 0; i < 300; ++i) add(("t" + std::to_string(i)).c_str()).in_publication = false;
  take();
  EXPECT_EQ(board.facts().tables.incomplete, 300u);
  EXPECT_EQ(shown().size(), 50u);
  for (auto& one : view.relations) one.in_publication = true;
  take();
  EXPECT_THAT(shown(), IsEmpty());
}

}  // namespace
}  // namespace realtime
