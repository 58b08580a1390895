#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "postgres/pgoutput/pgoutput_messages.hpp"

namespace realtime::postgres {
namespace {

using namespace realtime::test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

struct PgoutputFramer : testing::Test {
  void send(std::string data, std::uint64_t lsn = 0x10) { messages.push_back({Lsn{lsn}, std::move(data)}); }
  Decoded decode(const Pgoutput& plugin = pgoutput_of()) const { return decode_all(plugin, messages); }
  std::vector<SlotMessage> messages;
};

std::string row(const std::string& table, const std::string& columns) {
  return R"({"action":"I","schema":"s","table":")" + table + R"(","columns":[)" + columns + "]}";
}
std::string column(const std::string& name, const std::string& type, const std::string& value) {
  return R"({"name":")" + name + R"(","type":")" + type + R"(","value":)" + value + "}";
}

TEST_F(PgoutputFramer, RowsBeforeAndAfterAnAlterTableStandInOneFrame) {
  send(begin(7));
  send(relation(5, "s", "t", {{"a"}}));
  send(insert(5, {"x"}));
  send(relation(6, "s", "other", {{"o"}}));
  send(insert(6, {"y"}));
  send(relation(5, "s", "t", {{"a", 23}, {"b", 25, false, 7}}));
  send(insert(5, {"1", "z"}));
  send(insert(6, {"w"}));
  send(commit(0x20));
  const auto decoded = decode();
  EXPECT_EQ(decoded.error, "");
  EXPECT_THAT(
      decoded.texts,
      ElementsAre(row("t", column("a", "type25", "\"x\"")), row("other", column("o", "type25", "\"y\"")),
                  row("t", column("a", "type23", "1") + "," + column("b", "type25(7)", "\"z\"")),
                  row("other", column("o", "type25", "\"w\""))));
}

TEST_F(PgoutputFramer, ManyFramesShareARelation) {
  send(begin(7));
  send(relation(5, "s", "t", {{"a"}}));
  for (int i = 0; i < 20; ++i) {
    send(insert(5, {std::string(20000, 'x')}));
    if (i % 7 == 0) send(insert(5, {std::string(200000, 'y')}));
  }
  const auto decoded = decode();
  EXPECT_EQ(decoded.error, "");
  EXPECT_EQ(decoded.texts.size(), 23u);
  EXPECT_TRUE(decoded.contiguous);
}

TEST_F(PgoutputFramer, EachRowHasItsTransaction) {
  send(relation(5, "s", "t", {{"a"}}), 0);
  send(begin(7));
  send(insert(5, {"x"}), 0x10);
  send(commit(0x30), 0x30);
  send(begin(9));
  send(insert(5, {"y"}), 0x20);
  send(commit(0x40), 0x40);
  const auto decoded = decode();
  ASSERT_EQ(decoded.changes.size(), 2u);
  EXPECT_EQ(decoded.changes[0].xid, 7u);
  EXPECT_EQ(decoded.changes[1].xid, 9u);
  EXPECT_EQ(decoded.changes[1].lsn, Lsn{0x20});
  ASSERT_EQ(decoded.marks.size(), 4u);
  EXPECT_EQ(decoded.marks[1].kind, Mark::Kind::keepalive);
  EXPECT_EQ(decoded.marks[1].lsn, Lsn{0x30});
  EXPECT_EQ(decoded.marks[2].xid, 9u);
}

TEST_F(PgoutputFramer, TablesOfNoInterestAreNotEvenLookedUp) {
  int asked = 0;
  send(begin(7));
  send(relation(5, "hidden", "t", {{"a"}}));
  send(insert(5, {"x"}));
  send(update(5, {"x"}));
  send(truncate({5}));
  const auto decoded =
      decode(pgoutput_of({}, nullptr, {[&](auto types) { return ++asked, simple_types(types); }}));
  EXPECT_EQ(decoded.error, "");
  EXPECT_TRUE(decoded.texts.empty());
  EXPECT_EQ(asked, 0);
}

TEST_F(PgoutputFramer, ATableThatMovesOutOfInterestIsLeftAlone) {
  send(begin(7));
  send(relation(5, "s", "t", {{"a"}}));
  send(insert(5, {"x"}));
  send(relation(5, "hidden", "t", {{"a"}}));
  send(insert(5, {"y"}));
  EXPECT_EQ(decode().texts.size(), 1u);
}

TEST_F(PgoutputFramer, AFailedLookupIsAnErrorOfTheStream) {
  send(relation(5, "s", "t", {{"a"}}));
  const auto decoded =
      decode(pgoutput_of({}, nullptr, {[](auto) -> Result<std::vector<std::string>> {
                           return Error{ErrorKind::postgres_unreachable, "the catalog is away"};
                         }}));
  EXPECT_EQ(decoded.error, "the catalog is away");
}

TEST_F(PgoutputFramer, WhatCannotBeIsRefusedWithItsPlace) {
  for (const std::string& message :
       {std::string(), std::string("X"), std::string("B"), begin(0), commit(5), insert(99, {"secret"}),
        relation(5, "s", "secret", {{"a"}}).substr(0, 20), std::string("Y"), std::string("I")}) {
    messages.clear();
    send(message, 0xAB);
    const auto decoded = decode();
    EXPECT_THAT(decoded.error, HasSubstr("0/AB"));
    EXPECT_THAT(decoded.error, Not(HasSubstr("secret")));
  }
  messages = {};
  send(relation(5, "s", "t", {{"a"}}));
  send(insert(5, {"secret"}), 0xCD);
  EXPECT_THAT(decode().error, HasSubstr("outside of any transaction"));
}

TEST_F(PgoutputFramer, WhatIsPreparedOnlyIsNeverDelivered) {
  for (const char kind : {'b', 'P', 'K', 'r'}) {
    messages.clear();
    send(kind + std::string(24, '\0'));
    EXPECT_THAT(decode().error, HasSubstr("two_phase"));
  }
}

TEST_F(PgoutputFramer, ARenamedTypeHasItsNewNameFromTheNextTransactionOn) {
  std::string name = "mood";
  std::uint64_t version = 1;
  std::size_t questions = 0;
  postgres::pgoutput::Catalog catalog{[&](std::span<const postgres::pgoutput::TypeId> types) {
    ++questions;
    return Result<std::vector<std::string>>(std::vector<std::string>(types.size(), name));
  }};
  catalog.version = [&] { return version; };
  const auto plugin = pgoutput_of({}, nullptr, catalog);
  const auto framer = plugin.make_framer();
  const auto decoder = plugin.make_decoder();
  Frame frame;
  const auto take = [&](const std::string& message) {
    ASSERT_TRUE(add_to_frame(*framer, frame, {Lsn{1}, message}));
  };
  take(begin(7));
  take(type(20000, "s", "mood"));
  take(relation(5, "s", "t", {{"a", 20000}}));
  take(insert(5, {"x"}));
  take(commit(0x20));
  const std::size_t before = questions;
  take(begin(8));
  take(insert(5, {"x"}));
  take(commit(0x30));
  EXPECT_EQ(questions, before);
  ++version;
  name = "feeling";
  take(begin(9));
  take(insert(5, {"x"}));
  take(commit(0x40));
  name = "???";  // and dropped: it is called what it was
  ++version;
  take(begin(10));
  take(insert(5, {"x"}));
  ASSERT_TRUE(decoder->decode(frame));
  std::vector<std::string> texts;
  for (const Change& change : frame.changes) texts.emplace_back(frame.message(change));
  const auto of = [](const std::string& type) { return row("t", column("a", type, "\"x\"")); };
  EXPECT_THAT(texts, ElementsAre(of("mood"), of("mood"), of("feeling"), of("feeling")));
  EXPECT_EQ(questions, before + 2);
}

TEST_F(PgoutputFramer, TablesThatAreGoneAreForgottenOnceTheStreamHasPassedThem) {
  using postgres::pgoutput::KnownRelations;
  std::uint32_t first_alive = 0;
  std::size_t questions = 0;
  postgres::pgoutput::Catalog catalog{simple_types};
  catalog.gone = [&](std::span<const std::uint32_t> ids) {
    ++questions;
    postgres::pgoutput::GoneRelations gone{{}, Lsn{5000}};
    for (const std::uint32_t id : ids) {
      if (id < first_alive) gone.ids.push_back(id);
    }
    return Result<postgres::pgoutput::GoneRelations>(gone);
  };
  KnownRelations relations([](auto, auto) { return true; }, catalog);
  std::vector<PgColumn> columns;
  for (int i = 0; i < 300; ++i) columns.push_back({"column_" + std::to_string(i), 25, i == 0});
  std::size_t most = 0;
  const auto learn = [&](std::uint32_t id) {
    const std::string message = relation(id, "s", "t" + std::to_string(id), columns).substr(1);
    const auto parsed = postgres::pgoutput::parse_relation(message);
    ASSERT_TRUE(parsed && relations.learn(*parsed, message));
    most = std::max(most, relations.footprint());
  };
  for (std::uint32_t id = 1; questions == 0; ++id) learn(first_alive = id);
  const std::size_t before = relations.footprint();
  EXPECT_GE(before, KnownRelations::kMostUnasked);
  relations.committed(Lsn{4999});
  EXPECT_NE(relations.find(1), nullptr);  // rows of it may come yet
  EXPECT_EQ(relations.footprint(), before);
  relations.committed(Lsn{5000});
  EXPECT_EQ(relations.find(1), nullptr);
  EXPECT_NE(relations.find(first_alive), nullptr);
  EXPECT_LT(relations.footprint(), before / 50);
  for (std::uint32_t id = first_alive; id < 3000; ++id) {  // one table after the other, each dropped
    learn(first_alive = id);
    relations.committed(Lsn{5000 + id});
  }
  EXPECT_LT(most, KnownRelations::kMostUnasked + (64 << 10));
  EXPECT_LT(questions, 30u);
}

TEST_F(PgoutputFramer, OriginsAndMessagesAreNotForUs) {
  send(begin(7));
  send("O" + integer(1, 8) + zero_ended("node"));
  send("M" + integer(1, 1) + integer(1, 8) + zero_ended("prefix") + integer(1, 4) + "x");
  const auto decoded = decode();
  EXPECT_EQ(decoded.error, "");
  EXPECT_EQ(decoded.marks.size(), 1u);
}

TEST(PgoutputOptions, ThePublicationIsAnIdentifierInAString) {
  EXPECT_EQ(Pgoutput({"it's \"odd\"", nullptr, {}}, {}, nullptr).start_options(true),
            R"(("proto_version" '1', "publication_names" '"it''s ""odd"""'))");
}

}  // namespace
}  // namespace realtime::postgres
