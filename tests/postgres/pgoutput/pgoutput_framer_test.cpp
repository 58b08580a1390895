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
      decode(pgoutput_of({}, nullptr, [&](auto types) { return ++asked, simple_types(types); }));
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
  const auto decoded = decode(pgoutput_of({}, nullptr, [](auto) -> Result<std::vector<std::string>> {
    return Error{ErrorKind::postgres_unreachable, "the catalog is away"};
  }));
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

TEST_F(PgoutputFramer, OriginsAndMessagesAreNotForUs) {
  send(begin(7));
  send("O" + integer(1, 8) + zero_ended("node"));
  send("M" + integer(1, 1) + integer(1, 8) + zero_ended("prefix") + integer(1, 4) + "x");
  const auto decoded = decode();
  EXPECT_EQ(decoded.error, "");
  EXPECT_EQ(decoded.marks.size(), 1u);
}

TEST(PgoutputOptions, ThePublicationIsAnIdentifierInAString) {
  EXPECT_EQ(Pgoutput({"it's \"odd\"", nullptr, nullptr}, {}, nullptr).start_options(true),
            R"(("proto_version" '1', "publication_names" '"it''s ""odd"""'))");
}

}  // namespace
}  // namespace realtime::postgres
