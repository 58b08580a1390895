#include "postgres/wal2json/head.hpp"

#include <string>

#include <gtest/gtest.h>

#include "postgres/wal2json/commit_time.hpp"

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

TEST(Head, TheCommitTimeIsCutOutWithTheXid) {
  const std::string_view message =
      R"({"action":"I","xid":728,"timestamp":"2026-11-22 06:00:53.165619+00","schema":"public"})";
  const Read head(message);
  ASSERT_TRUE(head.good);
  EXPECT_EQ(message.substr(head.cut_at, head.cut_length),
            R"(,"xid":728,"timestamp":"2026-11-22 06:00:53.165619+00")");
  EXPECT_EQ(head.committed_us, parse_commit_time("2026-11-22 06:00:53.165619+00"));
  HeadReader reader;
  Wal2jsonHead again;
  for (const int second : {1, 1, 2, 1}) {
    const std::string time = "2000-01-01 00:00:0" + std::to_string(second) + "+00";
    ASSERT_TRUE(reader.read(R"({"action":"I","xid":1,"timestamp":")" + time + "\"}", again));
    EXPECT_EQ(again.committed_us, second * 1'000'000);
  }
}

TEST(Head, ATimeThatIsNoneIsCutOutAndNotBelieved) {
  const Read none(R"({"action":"M","xid":null,"timestamp":null,"transactional":false})");
  EXPECT_EQ(none.committed_us, 0);
  EXPECT_EQ(none.cut_length, std::string_view(R"(,"xid":null,"timestamp":null)").size());
  const Read odd(R"({"action":"I","xid":1,"timestamp":"yesterday","schema":"public"})");
  EXPECT_EQ(odd.committed_us, 0);
  EXPECT_EQ(odd.cut_length, std::string_view(R"(,"xid":1,"timestamp":"yesterday")").size());
  const Read endless(R"({"action":"I","xid":1,"timestamp":")" + std::string(1 << 20, '1') + "\"}");
  EXPECT_EQ(endless.cut_length, std::string_view(R"(,"xid":1)").size());
}

TEST(CommitTime, IsReadAsPostgresqlWritesIt) {
  EXPECT_EQ(parse_commit_time("2000-01-01 00:00:00+00"), 0);
  EXPECT_EQ(parse_commit_time("2000-01-01 00:00:00.000001+00"), 1);
  EXPECT_EQ(parse_commit_time("2000-01-02 00:00:00.5+00"), 86'400'500'000);
  EXPECT_EQ(parse_commit_time("2026-11-22 06:00:53.165619+00"), 848'642'453'165'619);
  EXPECT_EQ(parse_commit_time("2026-11-22 11:30:53.165619+05:30"), 848'642'453'165'619);
  EXPECT_EQ(parse_commit_time("2026-11-21 22:00:53.165619-08"), 848'642'453'165'619);
  EXPECT_EQ(parse_commit_time("1999-12-31 23:59:59.999999+00"), -1);
  for (const std::string_view odd :
       {"", "2026", "2026-11-22", "2026-11-22 06:00:53", "2026-11-22 06:00:53.+00", "2026-13-22 06:00:53+00",
        "2026-11-22 06:00:53.1234567+00", "2026-11-22T06:00:53+00", "infinity", "2026-11-22 06:00:53 UTC",
        "0044-03-15 00:00:00+00 BC", "x026-11-22 06:00:53+00", "2026-11-22 06:00:53+00x"}) {
    EXPECT_EQ(parse_commit_time(odd), 0) << odd;
  }
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
  ASSERT_TRUE(
      reader.read_names(R"({"action":"T","xid":1,"timestamp":"x","schema":"a\"b","table":"t\\\n"})", names));
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
