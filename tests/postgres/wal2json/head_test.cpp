#include "postgres/wal2json/head.hpp"

#include <gtest/gtest.h>

namespace realtime::postgres {
namespace {

struct Read : HeadReader, Wal2jsonHead {
  explicit Read(std::string_view message) : good(read(message, *this)) {}
  bool good;
};

TEST(Head, GivesActionXidAndWhereItStands) {
  const std::string_view message = R"({"action":"I","xid":728,"schema":"public","table":"t1","columns":[]})";
  const Read head(message);
  ASSERT_TRUE(head.good);
  EXPECT_EQ(head.action, 'I');
  EXPECT_EQ(head.xid, 728u);
  EXPECT_EQ(message.substr(head.cut_at, head.cut_length), R"(,"xid":728)");
}

TEST(Head, TakesTheLargestXid) {
  const Read head(R"({"action":"C","xid":4294967295})");
  ASSERT_TRUE(head.good);
  EXPECT_EQ(head.xid, 4294967295u);
}

TEST(Head, TakesAMessageOutsideTransactions) {
  const Read head(R"({"action":"M","xid":null,"transactional":false,"prefix":"p","content":""})");
  ASSERT_TRUE(head.good);
  EXPECT_EQ(head.action, 'M');
  EXPECT_EQ(head.xid, 0u);
}

TEST(Head, RefusesWhatWal2jsonDoesNotWrite) {
  for (const std::string_view message : {"",
                                         "{",
                                         "[",
                                         "null",
                                         "{}",
                                         R"({"action":"I"})",
                                         R"({"action":"","xid":1})",
                                         R"({"action":"II","xid":1})",
                                         R"({"action":1,"xid":1})",
                                         R"({"action":"I","xid":-1})",
                                         R"({"action":"I","xid":4294967296})",
                                         R"({"action":"I","xid":1.5})",
                                         R"({"action":"I","xid":"1"})",
                                         R"({"action":"I", "xid":1})",
                                         R"({"action":"I","xid" :"1"})",
                                         R"({"action":"I","\u0078id":1})",
                                         R"({"xid":1,"action":"I"})",
                                         R"({"action":["I"],"xid":1})",
                                         R"({"a":{"action":"I","xid":1}})",
                                         R"([{"action":"I","xid":1}])",
                                         R"({"action":"I","xid":)",
                                         R"({"action":"I)"}) {
    EXPECT_FALSE(Read(message).good) << message;
  }
  EXPECT_FALSE(Read(std::string_view("{\"action\":\"I\0\",\"xid\":1}", 22)).good);
}

TEST(Head, ReadsABoundedPieceOfAMessage) {
  EXPECT_FALSE(Read(R"({"action":")" + std::string(1 << 20, 'x')).good);
  EXPECT_FALSE(Read(std::string(1 << 20, '[')).good);
  EXPECT_FALSE(Read(std::string(1 << 20, ' ') + R"({"action":"I","xid":1})").good);
}

TEST(Head, NamesAreUnescaped) {
  HeadReader reader;
  HeadReader::Names names;
  ASSERT_TRUE(reader.read_names(R"({"action":"T","xid":1,"schema":"a\"b","table":"t\\\n"})", names));
  EXPECT_EQ(names.schema, "a\"b");
  EXPECT_EQ(names.table, "t\\\n");
  EXPECT_FALSE(reader.read_names(R"({"action":"T","xid":1,"schema":"a"})", names));
}

TEST(Head, TheLongestNamesFitIn) {
  std::string name;
  for (int i = 0; i < 63; ++i) name += "\\u0001";
  HeadReader reader;
  HeadReader::Names names;
  ASSERT_TRUE(reader.read_names(
      R"({"action":"T","xid":4294967295,"schema":")" + name + R"(","table":")" + name + R"("})", names));
  EXPECT_EQ(names.table.size(), 63u);
}

}  // namespace
}  // namespace realtime::postgres
