#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "postgres/pgoutput/pgoutput_messages.hpp"

namespace realtime::postgres {
namespace {

using namespace realtime::test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr std::uint32_t kBool = 16, kBytea = 17, kInteger = 23, kNumeric = 1700, kText = 25;

struct Heard : DecodeObserver {
  void truncate_ignored(std::string_view schema, std::string_view table, Lsn) override {
    lines.push_back("truncate " + std::string(schema) + "." + std::string(table));
  }
  void oversize_skipped(std::string_view schema, std::string_view table, std::size_t, Lsn) override {
    lines.push_back("skipped " + std::string(schema) + "." + std::string(table));
  }
  void text_mended(std::string_view schema, std::string_view table, std::size_t replaced, Lsn) override {
    lines.push_back("mended " + std::string(schema) + "." + std::string(table) + " " +
                    std::to_string(replaced));
  }
  void identity_incomplete(std::string_view schema, std::string_view table, Lsn) override {
    lines.push_back("incomplete " + std::string(schema) + "." + std::string(table));
  }
  std::vector<std::string> lines;
};

struct PgoutputDecoder : testing::Test {
  PgoutputDecoder() { columns({{"id", kInteger, true}, {"v", kText}}); }
  void columns(const std::vector<PgColumn>& list) {
    messages = {{Lsn{1}, begin(7)}, {Lsn{0}, relation(5, "s", "t", list)}};
  }
  void send(std::string data, std::uint64_t lsn = 0x10) { messages.push_back({Lsn{lsn}, std::move(data)}); }
  Decoded decode() const { return decode_all(pgoutput_of(oversize, heard), messages); }
  /// What follows the table's name.
  std::string body() const {
    const auto decoded = decode();
    EXPECT_EQ(decoded.error, "");
    if (decoded.texts.size() != 1) return std::to_string(decoded.texts.size()) + " texts";
    const std::string& text = decoded.texts[0];
    return text.substr(text.find("\"t\",") + 4);
  }
  std::shared_ptr<Heard> heard = std::make_shared<Heard>();
  OversizePolicy oversize;
  std::vector<SlotMessage> messages;
};

const std::string kId = R"({"name":"id","type":"type23","value":)";
const std::string kV = R"({"name":"v","type":"type25","value":)";

TEST_F(PgoutputDecoder, ValuesAreThoseOfWal2json) {
  columns({{"a", kBool},
           {"b", kBool},
           {"c", kBytea},
           {"d", kNumeric},
           {"e", kNumeric},
           {"f", kNumeric},
           {"g", kText},
           {"h", kText}});
  send(insert(5, {"t", "f", "\\x00ff", "-1.50e+10", "NaN", "-Infinity", "a\"\\\n\x01/\x7f", std::nullopt}));
  const auto value = [](const std::string& name, std::uint32_t type, const std::string& text) {
    return R"({"name":")" + name + R"(","type":"type)" + std::to_string(type) + R"(","value":)" + text + "}";
  };
  EXPECT_EQ(body(), "\"columns\":[" + value("a", kBool, "true") + "," + value("b", kBool, "false") + "," +
                        value("c", kBytea, "\"00ff\"") + "," + value("d", kNumeric, "-1.50e+10") + "," +
                        value("e", kNumeric, "null") + "," + value("f", kNumeric, "null") + "," +
                        value("g", kText, "\"a\\\"\\\\\\n\\u0001/\x7f\"") + "," + value("h", kText, "null") +
                        "]}");
}

TEST_F(PgoutputDecoder, IdentityIsTheOldKeyElseTheOldRowElseTheKeyOfTheNewRow) {
  send(update(5, 'K', {"1", std::nullopt}, {"2", "x"}));
  EXPECT_EQ(body(), "\"columns\":[" + kId + "2}," + kV + "\"x\"}],\"identity\":[" + kId + "1}]}");
  messages.pop_back();
  send(update(5, 'O', {"1", "old"}, {"2", "x"}));
  EXPECT_EQ(body(),
            "\"columns\":[" + kId + "2}," + kV + "\"x\"}],\"identity\":[" + kId + "1}," + kV + "\"old\"}]}");
  messages.pop_back();
  send(update(5, {"2", "x"}));
  EXPECT_EQ(body(), "\"columns\":[" + kId + "2}," + kV + "\"x\"}],\"identity\":[" + kId + "2}]}");
  messages.pop_back();
  send(remove(5, 'K', {"1", std::nullopt}));
  EXPECT_EQ(body(), "\"identity\":[" + kId + "1}]}");
}

TEST_F(PgoutputDecoder, AChangeWithoutAllOfItsKeyIsPassedOverAndHeard) {
  columns({{"v", kText}});  // its key is a generated column, which is not sent
  send(insert(5, {"x"}));
  send(update(5, {"y"}));
  send(update(5, 'K', {"x"}, {"y"}));
  send(remove(5, 'K', {"x"}));
  const auto decoded = decode();
  EXPECT_EQ(decoded.error, "");
  ASSERT_EQ(decoded.changes.size(), 4u);  // each has its number
  EXPECT_NE(decoded.texts[0], "");
  EXPECT_THAT(std::vector(decoded.texts.begin() + 1, decoded.texts.end()), ElementsAre("", "", ""));
  EXPECT_THAT(heard->lines, ElementsAre("incomplete s.t", "incomplete s.t", "incomplete s.t"));
  EXPECT_TRUE(decoded.contiguous);
}

TEST_F(PgoutputDecoder, APartOfAKeyIsNotTheKey) {
  bool generated = true;
  std::vector<std::uint32_t> asked;
  postgres::pgoutput::Catalog catalog{simple_types};
  catalog.has_generated_key = [&](std::uint32_t relation) -> Result<bool> {
    asked.push_back(relation);
    return generated;
  };
  messages.push_back({Lsn{0}, relation(6, "s", "full", {{"id", kInteger, true}}, 'f')});
  messages.push_back({Lsn{0}, relation(7, "hidden", "h", {{"id", kInteger, true}})});
  send(update(5, {"1", "x"}));
  send(remove(6, 'O', {"1"}));
  auto decoded = decode_all(pgoutput_of(oversize, heard, catalog), messages);
  EXPECT_EQ(decoded.texts[0], "");
  EXPECT_NE(decoded.texts[1], "");
  EXPECT_THAT(asked, ElementsAre(5u));
  generated = false;
  decoded = decode_all(pgoutput_of(oversize, heard, catalog), messages);
  EXPECT_NE(decoded.texts[0], "");
  EXPECT_THAT(heard->lines, ElementsAre("incomplete s.t"));
}

TEST_F(PgoutputDecoder, WhatIsNotUtf8IsReplacedAndHeard) {
  send(insert(5, {"1", "caf\xE9"}));
  send(insert(5, {"2", "caf\xC3\xA9"}));
  send(insert(5, {"3", std::string(40'000, 'x') + "\xE2\x82\"\xFF"}));
  send(insert(5, {"4", "ok"}));
  const auto decoded = decode();
  ASSERT_EQ(decoded.texts.size(), 4u);
  EXPECT_TRUE(decoded.contiguous);
  EXPECT_THAT(decoded.texts[0], HasSubstr("\"caf\xEF\xBF\xBD\""));
  EXPECT_THAT(decoded.texts[1], HasSubstr("\"caf\xC3\xA9\""));
  EXPECT_THAT(decoded.texts[2], HasSubstr("x\xEF\xBF\xBD\\\"\xEF\xBF\xBD\"}]}"));
  EXPECT_THAT(heard->lines, ElementsAre("mended s.t 1", "mended s.t 2"));
}

TEST_F(PgoutputDecoder, TextThatGrowsOverTheLimitWhenItIsMendedIsOversize) {
  send(insert(5, {"1", std::string(20'000, '\xFF')}));
  oversize = {40'000, true};
  EXPECT_THAT(decode().texts, ElementsAre(""));
  EXPECT_THAT(heard->lines, ElementsAre("mended s.t 20000", "skipped s.t"));
}

TEST_F(PgoutputDecoder, UnchangedToastIsLeftOutWhereverItStands) {
  columns({{"v", kText}, {"id", kInteger, true}, {"w", kText}});
  send(update(5, {kUnchanged, "2", kUnchanged}));
  EXPECT_EQ(body(), "\"columns\":[" + kId + "2}],\"identity\":[" + kId + "2}]}");
}

TEST_F(PgoutputDecoder, EveryLengthHasItsRightHead) {
  std::vector<std::size_t> sizes = {1, 0, 5000, 3, 80000, 100, 1000, 999999, 9, 10};
  for (std::size_t size = 900; size < 1010; ++size) sizes.push_back(size);
  for (const std::size_t size : sizes) send(insert(5, {"1", std::string(size, 'x')}));
  const auto decoded = decode();
  EXPECT_TRUE(decoded.contiguous);
  ASSERT_EQ(decoded.texts.size(), sizes.size());
  for (std::size_t i = 0; i < sizes.size(); ++i)
    EXPECT_EQ(decoded.texts[i].size(), decoded.texts[1].size() + sizes[i]);
}

TEST_F(PgoutputDecoder, TruncateIsHeardForMonitoredTablesAlone) {
  send(relation(6, "hidden", "u", {{"a"}}), 0);
  send(truncate({6, 5, 99}));
  EXPECT_EQ(decode().error, "");
  EXPECT_THAT(heard->lines, ElementsAre("truncate s.t"));
}

TEST_F(PgoutputDecoder, AnOversizeRowStopsOrIsSkipped) {
  send(insert(5, {"1", "a"}));
  oversize.max_message_bytes = decode().texts.at(0).size();
  send(insert(5, {"2", "bb"}), 0xAB);
  EXPECT_THAT(decode().error, testing::AllOf(HasSubstr("s.t"), HasSubstr("0/AB")));
  oversize.skip = true;
  send(insert(5, {"3", "c"}));
  const auto decoded = decode();
  ASSERT_EQ(decoded.changes.size(), 3u);
  EXPECT_EQ(decoded.changes[1].length, 0u);
  EXPECT_TRUE(decoded.contiguous);
  EXPECT_THAT(heard->lines, ElementsAre("skipped s.t"));
}

TEST_F(PgoutputDecoder, AValueThatCannotFitIsNotEvenWritten) {
  oversize = {4'000'000, true};
  send(insert(5, {"1", std::string(3'000'000, '\x01')}));
  send(insert(5, {"1", std::string(3'000'000, 'x')}));
  const auto decoded = decode();
  ASSERT_EQ(decoded.changes.size(), 2u);
  EXPECT_EQ(decoded.changes[0].length, 0u);
  EXPECT_GT(decoded.changes[1].length, 3'000'000u);
}

TEST_F(PgoutputDecoder, RowsThatDoNotFitAreRefusedWithoutTheirText) {
  for (const std::string& message :
       {insert(5, {"1"}), insert(5, {"1", "secret", "x"}), insert(5, {"secret", "x"}),
        insert(5, {"1", "secret"}) + "x", "I" + integer(5, 4) + "K" + tuple({"1", "secret"}),
        remove(5, 'N', {"1", "secret"}), update(5, 'X', {"1", "x"}, {"1", "secret"}),
        insert(5, {"", "secret"})}) {
    messages.resize(2);
    send(message, 0xAB);
    EXPECT_THAT(decode().error, HasSubstr("0/AB"));
    EXPECT_THAT(decode().error, Not(HasSubstr("secret")));
  }
}

// Cut off anywhere, or with bytes replaced: an error or some text, never a crash (run it under the
// sanitizers).
TEST_F(PgoutputDecoder, HostileMessagesAreSurvived) {
  const std::vector<std::string> good = {begin(7),
                                         relation(5, "s", "t", {{"id", kInteger, true}, {"v", kBytea}}),
                                         insert(5, {"1", "\\x00"}),
                                         update(5, 'K', {"1", std::nullopt}, {"2", kUnchanged}),
                                         remove(5, 'O', {"1", "\\x00"}),
                                         truncate({5}),
                                         type(9, "s", "t"),
                                         commit(9)};
  std::mt19937 random(20261122);
  for (int round = 0; round < 20000; ++round) {
    messages.clear();
    for (const std::string& message : good) send(message);
    std::string& victim = messages[random() % messages.size()].data;
    if (round % 3 == 0) {
      victim.resize(random() % victim.size());
    } else {
      for (auto times = 1 + random() % 3; times > 0; --times)
        victim[random() % victim.size()] = static_cast<char>(random());
    }
    (void)decode();
  }
}

}  // namespace
}  // namespace realtime::postgres
