#include "base/log_format.hpp"

#include <gtest/gtest.h>

#include "base/rapidjson.hpp"
#include "base/utf8.hpp"

namespace realtime::log {
namespace {

const std::chrono::system_clock::time_point kTime{std::chrono::milliseconds(1700000000007)};

rapidjson::Document parsed(const std::string& line) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseValidateEncodingFlag>(line.data(), line.size());
  EXPECT_FALSE(document.HasParseError()) << line;
  EXPECT_EQ(line.find('\n'), std::string::npos);
  return document;
}

TEST(JsonLine, HasTimeLevelMessageAndFields) {
  EXPECT_EQ(
      json_line(kTime, Level::warn, "slow", {{"queue", "search"}, {"bytes", "12", true}}),
      R"({"time":"2023-11-14T22:13:20.007Z","level":"warn","message":"slow","queue":"search","bytes":12})");
}

TEST(JsonLine, EveryByteComesBackOrIsReplaced) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  const auto document = parsed(json_line(kTime, Level::info, all, {{"a\"b", all}}));
  const std::string message(document["message"].GetString(), document["message"].GetStringLength());
  EXPECT_EQ(message.substr(0, 128), all.substr(0, 128));
  std::string replaced;
  for (int i = 128; i < 256; ++i) replaced += "\xEF\xBF\xBD";
  EXPECT_EQ(message.substr(128), replaced);
  EXPECT_TRUE(document.HasMember("a\"b"));
}

TEST(JsonLine, GoodUtf8StaysAsItIs) {
  const auto document = parsed(json_line(kTime, Level::info, "ä€😀", {}));
  EXPECT_STREQ(document["message"].GetString(), "ä€😀");
}

TEST(JsonLine, NumbersAreNumbersOnlyWhereJsonKnowsThem) {
  for (const char* good : {"0", "-1", "12.5", "1e9", "-0.5E-3", "18446744073709551615"}) {
    EXPECT_TRUE(parsed(json_line(kTime, Level::info, "m", {{"n", good, true}}))["n"].IsNumber()) << good;
  }
  for (const char* bad : {"", "nan", "inf", "01", "+1", "1.", ".5", "1e", "0x1", "1,\"x\":2", " 1"}) {
    const auto document = parsed(json_line(kTime, Level::info, "m", {{"n", bad, true}}));
    EXPECT_STREQ(document["n"].GetString(), bad);
  }
}

TEST(JsonLine, IsBoundedAndStillWhole) {
  const std::string longer(1 << 20, '\x01');
  std::string euros;
  for (int i = 0; i < 100000; ++i) euros += "€";
  const auto document = parsed(json_line(kTime, Level::info, longer, {{"a", longer}, {"b", euros}}));
  EXPECT_LE(document["message"].GetStringLength(), kMaxMessage);
  EXPECT_LE(document["b"].GetStringLength(), kMaxField);
  EXPECT_TRUE(std::string_view(document["b"].GetString()).ends_with("€…"));

  const std::string line = json_line(kTime, Level::info, longer,
                                     {{"a", longer},
                                      {"b", longer},
                                      {"c", longer},
                                      {"d", longer},
                                      {"e", longer},
                                      {"f", longer},
                                      {"g", longer},
                                      {"h", longer},
                                      {"i", longer},
                                      {"j", longer},
                                      {"k", longer},
                                      {"l", longer},
                                      {"m", longer},
                                      {"n", longer},
                                      {"o", longer},
                                      {"p", longer},
                                      {"q", longer}});
  EXPECT_LE(line.size(), kMaxLine);
  EXPECT_TRUE(parsed(line)["cut"].GetBool());
}

TEST(ReadableText, QuotesWhatNeedsItAndObeysNoControl) {
  EXPECT_EQ(readable_text("hello", {{"slot", "realtime"}, {"why", "two words"}, {"empty", ""}}),
            "hello  slot=realtime why=\"two words\" empty=\"\"");
  EXPECT_EQ(readable_text("a\x1B[31m\nb", {}), "a\\u001b[31m\\nb");
  EXPECT_EQ(readable_text("a\u202Eb\u2028c\U000E0041d", {}), "a\\u202eb\\u2028c\\udb40\\udc41d");
}

}  // namespace
}  // namespace realtime::log
