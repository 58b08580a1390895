#include "realtime/checkpoint_text.hpp"

#include <limits>

#include <gtest/gtest.h>

namespace realtime {
namespace {

Record some_record() {
  Record record;
  record.epoch = 3;
  record.position = {{0x16B3748}, 42, Identity{751, {0x16B3700}, 2}, false};
  record.filter = {"wal2json", "public.*,s.\"odd\\, name\"", "public.secret\n"};
  record.history = {7412345678901234567u, 2, "data base", "realtime"};
  return record;
}

const std::string kText =
    R"(1 {"epoch":3,"lsn":"0/16B3748","number":42,"clean":false,"xid":751,"row":"0/16B3700","ordinal":2,)"
    R"("system":"7412345678901234567","timeline":2,"database":"data base","slot":"realtime","plugin":"wal2json",)"
    R"("tables":"public.*,s.\"odd\\, name\"","excluded":"public.secret\n"})";

std::string without(std::string text, const std::string& part, const std::string& instead = "") {
  const std::size_t at = text.find(part);
  EXPECT_NE(at, std::string::npos) << part;
  return text.replace(at, part.size(), instead);
}

TEST(PositionRecord, IsTheTextThatOtherVersionsRead) {
  EXPECT_EQ(format_record(some_record()), kText);
}

TEST(PositionRecord, ComesBackAsItWas) {
  Record record = some_record();
  EXPECT_EQ(*parse_record(format_record(record)), record);
  record.position = {{~std::uint64_t{0}}, ~std::uint64_t{0}, Identity{~0u, {~std::uint64_t{0}}, ~0u}, true};
  record.epoch = ~std::uint64_t{0};
  record.history.system_identifier = ~std::uint64_t{0};
  record.position.last->committed_us = -1;
  record.loss = "0/1A28..0/2B40, 0/3..0/4";
  record.refused = "past the \"end\"";
  EXPECT_EQ(*parse_record(format_record(record)), record);
  record.position.last.reset();
  record.filter = {"", "", ""};
  record.history = {};
  EXPECT_EQ(*parse_record(format_record(record)), record);
}

TEST(PositionRecord, HasTheCommitTimeOfItsLastMessageWhereItIsKnown) {
  Record record = some_record();
  record.position.last->committed_us = 848'642'453'165'619;
  EXPECT_EQ(format_record(record),
            without(kText, R"("ordinal":2,)", R"("ordinal":2,"committed":848642453165619,)"));
}

TEST(PositionRecord, HasTheLogHashAndTheSignOfLifeWhereTheyAreKnown) {
  Record record = some_record();
  record.position.clean = true;
  record.position.log = LogHash{0x0123456789abcdef, 0xfedcba9876543210, 8192};
  record.life = {1'700'000'000'000'000, 10'000, 42};
  record.history.database_oid = 16'384;
  record.history.ended = {{1, Lsn{0x3000000}}, {2, Lsn{0x1'00000010}}};
  const std::string text = format_record(record);
  for (const std::string part :
       {R"("log":"0123456789abcdeffedcba9876543210","log_bytes":8192,)", R"("beat":42)", R"("oid":16384)",
        R"("ended":"1:0/3000000,2:1/10")", R"("started":1700000000000000)", R"("lease":10000)"})
    EXPECT_NE(text.find(part), std::string::npos) << part << " is not in " << text;
  EXPECT_EQ(*parse_record(text), record);
  for (const auto& [part, instead] : {std::pair{"0123456789abcdef", "0123456789abcdeX"},
                                      {"\"log_bytes\":8192", "\"log_bytes\":8193"},
                                      {"1:0/3000000", "1:0"},
                                      {"1:0/3000000", "one:0/3"},
                                      {"\"lease\":10000", "\"lease\":\"long\""}})
    EXPECT_FALSE(parse_record(without(text, part, instead))) << instead;
}

TEST(PositionRecord, IsWrittenAlikeByTheWriterOfMany) {
  Record record = some_record();
  const RecordWriter writer(record);
  std::string text = "what stood there before";
  for (std::uint64_t number = 0; number < 300; ++number) {
    record.position = {{number * 0x123456789}, number, {}, number % 2 == 0};
    if (number % 3 > 0)
      record.position.last = Identity{static_cast<std::uint32_t>(number), {number << 30}, 1};
    writer.write(record.position, record.life.beat, text);
    EXPECT_EQ(text, format_record(record));
  }
}

TEST(PositionRecord, OfANewerFormatIsNotGuessedAt) {
  for (const std::string& text : {"3" + kText.substr(1), "1" + kText, std::string("3 what is this")}) {
    const auto newer = parse_record(text);
    ASSERT_FALSE(newer) << text;
    EXPECT_EQ(newer.error().kind, ErrorKind::record_newer) << text;
  }
  const auto named = parse_record("7 {\"version\":\"2.4.0\",\"epoch\":\"?\"}");
  EXPECT_NE(named.error().message.find("format 7, written by version 2.4.0"), std::string::npos)
      << named.error().message;
  const auto hostile = parse_record("7 {\"version\":\"2 \\u001b[2J\"}");
  EXPECT_EQ(hostile.error().message.find("written by"), std::string::npos) << hostile.error().message;
}

// --- lists that are too long for a record --------------------------------------------------------------------

Filter long_filter(std::size_t patterns = 10'000) {
  std::string tables = "public.t0";
  for (std::size_t i = 1; i < patterns; ++i) tables += ",public.t" + std::to_string(i);
  return make_filter("wal2json", tables, "public.\"odd\"");
}

TEST(PositionRecord, HasADigestOfLongLists) {
  Record record = some_record();
  record.filter = long_filter();
  const std::string text = format_record(record);
  EXPECT_TRUE(text.starts_with("2 {\"version\":\"")) << text;
  EXPECT_LT(text.size(), 500u);
  const auto read = parse_record(text);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, record);
  EXPECT_FALSE(read->filter.knows_its_lists());
  EXPECT_EQ(format_record(*read), text) << "and can be written again without them";
  EXPECT_EQ(format_lists(read->filter), "");
}

TEST(PositionRecord, IsOfFormatOneWhereTheListsFit) {
  const Filter fits = make_filter("wal2json", std::string(1'018, 'x'), "");
  EXPECT_EQ(fits.digest, "");
  EXPECT_NE(make_filter("wal2json", std::string(1'021, 'x'), "").digest, "");
  EXPECT_NE(make_filter("wal2json", std::string(600, '"'), "").digest, "") << "as they stand in the record";
  EXPECT_EQ(format_lists(fits), "");
}

TEST(PositionRecord, OfTheLastReleaseMayHoldListsOfAnyLength) {
  const Filter filter = long_filter();
  const std::string text = without(without(kText, "public.*,s.\\\"odd\\\\, name\\\"", filter.tables),
                                   "public.secret\\n", "public.\\\"odd\\\"");
  ASSERT_GT(text.size(), 100'000u);
  const auto read = parse_record(text);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->filter, filter);
  EXPECT_EQ(read->filter.tables, filter.tables) << "known, as the record has them";
}

TEST(PositionRecord, ListsBesideItAreTakenByTheirDigestAlone) {
  const Filter filter = long_filter();
  const std::string lists = format_lists(filter);
  Filter unknown = filter;
  unknown.tables.clear(), unknown.excluded.clear();
  EXPECT_FALSE(unknown.knows_its_lists());
  EXPECT_EQ(unknown, filter);
  Filter found = unknown;
  ASSERT_TRUE(add_lists(found, lists));
  EXPECT_EQ(found.tables, filter.tables);
  EXPECT_EQ(found.excluded, filter.excluded);
  const std::string others = format_lists(long_filter(9'999));
  for (const std::string& text : {others, std::string(), std::string("1 {}"),
                                  lists.substr(0, lists.size() - 1), "2" + lists.substr(1)}) {
    found = unknown;
    EXPECT_FALSE(add_lists(found, text));
    EXPECT_FALSE(found.knows_its_lists());
  }
}

TEST(PositionRecord, IsNeverAboveFourKilobytes) {
  constexpr std::uint64_t kMost = ~std::uint64_t{0};
  Record record;
  record.epoch = kMost;
  record.position = {{kMost}, kMost, Identity{~0u, {kMost}, ~0u}, false};
  record.history = {kMost, ~0u, std::string(63, '\x01'), std::string(63, 's')};
  record.filter = make_filter("wal2json", std::string(1'018, 'x'), "");
  record.refused = std::string(5'000, '"');
  for (int i = 0; i < 8; ++i)
    record.loss += (i > 0 ? ", " : "") + to_string(Lsn{kMost}) + ".." + to_string(Lsn{kMost});
  record.position.last = Identity{~0u, {~std::uint64_t{0}}, ~0u, std::numeric_limits<std::int64_t>::min()};
  record.position.log = LogHash{~std::uint64_t{0}, ~std::uint64_t{0}, kMostLogBytes};
  record.life = {std::numeric_limits<std::int64_t>::min(), ~0u, ~std::uint64_t{0}};
  record.history.database_oid = ~0u;
  for (std::uint32_t i = 0; i < 9; ++i)
    record.history.ended.emplace_back(~0u - i, Lsn{~std::uint64_t{0} - i});
  EXPECT_LE(format_record(record).size(), kMostRecordBytes);
  record.filter = long_filter();
  EXPECT_LE(format_record(record).size(), kMostRecordBytes);
  const auto read = parse_record(format_record(record));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(format_record(*read), format_record(record)) << "what is read can be written";
}

TEST(PositionRecord, CannotBeReadWhereAnythingIsWrong) {
  const std::vector<std::string> hostile = {
      "",
      " ",
      "1",
      "1 ",
      "x",
      "-1 {}",
      "+1 {}",
      "01 {}",
      "1  {}",
      "1 {}",
      "1 []",
      "1 null",
      "1 \"text\"",
      "{\"epoch\":1}",
      "99999999999999999999 {}",
      kText.substr(0, kText.size() - 1),
      kText + "x",
      kText + kText,
      " " + kText,
      without(kText, "\"epoch\":3,"),
      without(kText, "\"epoch\":3", "\"epoch\":-3"),
      without(kText, "\"epoch\":3", "\"epoch\":\"3\""),
      without(kText, "\"epoch\":3", "\"epoch\":3.5"),
      without(kText, "\"epoch\":3", "\"epoch\":18446744073709551616"),
      without(kText, "0/16B3748", ""),
      without(kText, "0/16B3748", "0/16B3748 "),
      without(kText, "0/16B3748", "0/-1"),
      without(kText, "0/16B3748", "0/123456789"),
      without(kText, "\"number\":42", "\"number\":null"),
      without(kText, "false", "0"),
      without(kText, "\"xid\":751", "\"xid\":4294967296"),
      without(kText, ",\"row\":\"0/16B3700\""),
      without(kText, ",\"ordinal\":2"),
      without(kText, "\"7412345678901234567\"", "\"\""),
      without(kText, "\"7412345678901234567\"", "\" 7\""),
      without(kText, "\"7412345678901234567\"", "\"7x\""),
      without(kText, "\"7412345678901234567\"", "7"),
      without(kText, "\"7412345678901234567\"", "\"99999999999999999999\""),
      without(kText, "\"timeline\":2", "\"timeline\":-2"),
      without(kText, "\"slot\":\"realtime\"", "\"slot\":7"),
      without(kText, ",\"excluded\":\"public.secret\\n\""),
      without(kText, "\"excluded\"", "\"loss\":1,\"excluded\""),
      std::string("1 ") + std::string(100, '['),
      std::string("1 ") + std::string(60'000, '['),
      std::string("1 {\"epoch\":") + std::string(70'000, '1') + "}",
      std::string("1 \0{}", 5),
      without(kText, "\"data base\"", '"' + std::string(400, 'x') + '"'),
      without(kText, "\"excluded\"", "\"loss\":\"" + std::string(1'200, 'x') + "\",\"excluded\""),
      "2" + without(kText, "\"tables\"", "\"digest\":\"short\",\"tables\"").substr(1),
      "1 {\"epoch\":1,"};
  for (const std::string& text : hostile) {
    const auto parsed = parse_record(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().kind, ErrorKind::record_unreadable) << text;
  }
}

TEST(PositionRecord, SurvivesEveryCutAndEveryFlippedByte) {
  for (std::size_t i = 0; i < kText.size(); ++i) {
    EXPECT_FALSE(parse_record(kText.substr(0, i)));
    for (const char byte : {'\0', '"', '{', '\x80', '9'}) {
      std::string text = kText;
      text[i] = byte;
      (void)static_cast<bool>(parse_record(text));  // refused or not: it must not end the process
    }
  }
}

}  // namespace
}  // namespace realtime
