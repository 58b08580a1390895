// wal2json on the same WAL is the oracle: two slots, one of each plugin, and every message that pgoutput's
// decoder makes must be the same text with the same identity.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "postgres/pgoutput/pgoutput.hpp"
#include "postgres/wal2json/wal2json.hpp"
#include "support/change_corpus.hpp"
#include "support/plugin_database.hpp"

namespace realtime::postgres {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct PgoutputLive : test::PluginDatabase {
  void SetUp() override {
    PluginDatabase::SetUp();
    if (!connection_) return;
    sql("create publication \"odd, \"\"pub'lication\" for all tables");
    make_slot("wal2json", "wal2json");
    make_slot("pgoutput", "pgoutput");
  }
  Pgoutput pgoutput(pgoutput::Monitored monitored = [](auto, auto) { return true; }) {
    const auto lookup = [this](std::span<const pgoutput::TypeId> types) -> Result<std::vector<std::string>> {
      ++lookups_;
      auto rows = connection_->query(pgoutput::type_names_query(types));
      if (!rows) return rows.error();
      std::vector<std::string> names;
      for (int row = 0; row < rows->count(); ++row) names.emplace_back(rows->text(row, 0));
      return names;
    };
    return Pgoutput({"odd, \"pub'lication", std::move(monitored), {lookup}}, {}, nullptr);
  }
  test::Decoded by_pgoutput() {
    const Pgoutput plugin = pgoutput();
    return decode_all(plugin, peek("pgoutput", plugin.start_options(false), true));
  }
  test::Decoded by_wal2json() {
    const Wal2json plugin({"wal2json", "*.*", ""}, {}, nullptr);
    return decode_all(plugin, peek("wal2json", plugin.start_options(false)));
  }
  /// Compares all messages, without those of `except`, which pgoutput does not have.
  void expect_equal(const std::string& except = "no such table") {
    const test::Decoded theirs = by_wal2json(), ours = by_pgoutput();
    ASSERT_EQ(theirs.error, "");
    ASSERT_EQ(ours.error, "");
    EXPECT_TRUE(ours.contiguous);
    std::size_t i = 0;
    for (std::size_t w = 0; w < theirs.texts.size(); ++w) {
      if (theirs.texts[w].find("\"table\":\"" + except + "\"") != std::string::npos) continue;
      ASSERT_LT(i, ours.texts.size()) << theirs.texts[w];
      ASSERT_EQ(ours.texts[i], theirs.texts[w]);
      ASSERT_EQ(ours.changes[i].xid, theirs.changes[w].xid) << theirs.texts[w];
      ASSERT_EQ(ours.changes[i].lsn, theirs.changes[w].lsn) << theirs.texts[w];
      ASSERT_EQ(ours.changes[i].committed_us, theirs.changes[w].committed_us) << theirs.texts[w];
      ASSERT_LT(std::abs(ours.changes[i].committed_us - server_clock_us()), 3'600'000'000)
          << "not the commit's time";
      ++i;
    }
    EXPECT_EQ(i, ours.texts.size());
    compared_ = i;
  }

  std::size_t compared_ = 0;
  int lookups_ = 0;
};

TEST_F(PgoutputLive, EveryChangeIsTheTextOfWal2json) {
  run(test::all_changes());
  expect_equal("mat");
  EXPECT_GT(compared_, 4000u);
}

TEST_F(PgoutputLive, TypesAreLookedUpOnceAVersionOfATable) {
  run({"create type mood as enum ('a'); create table t (id int primary key, m mood, n numeric(10,2))"});
  for (int i = 0; i < 20; ++i) sql("insert into t values (" + std::to_string(i) + ", 'a', 1)");
  run({"alter table t add x int; insert into t values (100)", "truncate t", "insert into t values (101)"});
  expect_equal();
  EXPECT_LE(lookups_, 4);  // new, altered, truncated, and the row after that
}

// What cannot be avoided, and nothing more than that.
TEST_F(PgoutputLive, GeneratedColumnsAreLeftOutBefore18) {
  run(test::generated_changes());
  if (connection_->server_version() >= 180000) GTEST_SKIP() << "a publication may have them";
  const std::string head = R"(,"schema":"public","table":"generated",)";
  const auto id = [](int value) {
    return R"({"name":"id","type":"integer","value":)" + std::to_string(value) + "}";
  };
  const auto rest = [](int value) {
    return R"(,{"name":"a","type":"integer","value":)" + std::to_string(value) +
           R"(},{"name":"z","type":"text","value":"z"}])";
  };
  EXPECT_THAT(
      by_pgoutput().texts,
      ElementsAre(
          R"({"action":"I")" + head + R"("columns":[)" + id(1) + rest(2) + "}",
          R"({"action":"U")" + head + R"("columns":[)" + id(1) + rest(5) + R"(,"identity":[)" + id(1) + "]}",
          R"({"action":"U")" + head + R"("columns":[)" + id(2) + rest(5) + R"(,"identity":[)" + id(1) + "]}",
          R"({"action":"D")" + head + R"("identity":[)" + id(2) + "]}"));
  for (const std::string& text : by_wal2json().texts) {
    EXPECT_THAT(text, testing::AnyOf(HasSubstr("\"name\":\"g\""), HasSubstr("\"action\":\"D\"")));
  }
}

TEST_F(PgoutputLive, MaterializedViewsAreNotPublished) {
  run({"create table made as select 1 as a; create materialized view mat as select * from made",
       "refresh materialized view mat"});
  // wal2json sends them up to 2.5, and no more from 2.6 on.
  EXPECT_THAT(by_wal2json().texts, testing::Contains(HasSubstr("\"table\":\"made\"")));
  EXPECT_THAT(by_pgoutput().texts, testing::Contains(HasSubstr("\"table\":\"made\"")));
  for (const std::string& text : by_pgoutput().texts) EXPECT_THAT(text, testing::Not(HasSubstr("\"mat\"")));
}

TEST_F(PgoutputLive, ATypeThatWasRenamedSinceHasItsNewName) {
  run(
      {"create type before as enum ('a'); create table t (id int primary key, v before); insert into t "
       "values (1, 'a')",
       "alter type before rename to after"});
  EXPECT_THAT(by_wal2json().texts, ElementsAre(HasSubstr("\"type\":\"before\"")));
  EXPECT_THAT(by_pgoutput().texts, ElementsAre(HasSubstr("\"type\":\"after\"")));
}

TEST_F(PgoutputLive, ATypeThatIsGoneSinceIsCalledAsItWasDeclared) {
  run(
      {"create schema \"S s\"; create type gone as enum ('a'); create type \"S s\".gone as enum ('a'); "
       "create table t (id int primary key, v gone, w \"S s\".gone); insert into t values (1, 'a', 'a')",
       "drop table t; drop type gone; drop type \"S s\".gone"});
  expect_equal();
  EXPECT_EQ(compared_, 1u);
}

TEST_F(PgoutputLive, OnlyMonitoredTablesAreDelivered) {
  run(
      {"create table a (id int primary key); create table b (id int primary key); create schema s; create "
       "table s.a (id int primary key)",
       "insert into b values (1); insert into a values (1); insert into s.a values (1); truncate a, b",
       "insert into b values (2)"});
  const Pgoutput plugin =
      pgoutput([](auto schema, auto table) { return schema == "public" && table == "a"; });
  const auto decoded = decode_all(plugin, peek("pgoutput", plugin.start_options(false), true));
  EXPECT_EQ(decoded.error, "");
  EXPECT_THAT(
      decoded.texts,
      ElementsAre(
          R"({"action":"I","schema":"public","table":"a","columns":[{"name":"id","type":"integer","value":1}]})"));
}

TEST_F(PgoutputLive, EveryTransactionBeginsAndItsCommitIsAKeepalive) {
  run({"create table a (id int primary key)", "insert into a values (1), (2)", "insert into a values (3)"});
  const auto decoded = by_pgoutput();
  std::vector<Mark::Kind> kinds;
  for (const Mark& mark : decoded.marks) kinds.push_back(mark.kind);
  EXPECT_THAT(
      kinds, ElementsAre(Mark::Kind::begin, Mark::Kind::keepalive, Mark::Kind::begin, Mark::Kind::keepalive));
  ASSERT_EQ(decoded.changes.size(), 3u);
  EXPECT_EQ(decoded.marks[0].xid, decoded.changes[0].xid);
  EXPECT_EQ(decoded.marks[1].after, 2u);
  EXPECT_GT(decoded.marks[1].lsn, decoded.changes[1].lsn);
  EXPECT_LE(decoded.marks[1].lsn, decoded.changes[2].lsn);
}

}  // namespace
}  // namespace realtime::postgres
