#include "base/utf8.hpp"

#include <random>

#include <gtest/gtest.h>

#include "base/utf8_text.hpp"

namespace realtime {
namespace {

TEST(Utf8, TakesEveryLengthAtItsEdges) {
  for (const char* text : {"a", "\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF",
                           "\xEE\x80\x80", "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_EQ(utf8_length(text), std::string_view(text).size());
  }
}

TEST(Utf8, RefusesWhatIsNotACharacter) {
  for (const char* text :
       {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2z", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xE2\x82",
        "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF"}) {
    EXPECT_EQ(utf8_length(text), 0u) << std::hex << +static_cast<unsigned char>(text[0]);
    EXPECT_FALSE(is_utf8(std::string("ok") + text));
  }
}

TEST(Utf8, KnowsWhatATerminalWouldObey) {
  EXPECT_TRUE(is_control("\x1B"));
  EXPECT_TRUE(is_control("\x7F"));
  EXPECT_TRUE(is_control("\xC2\x9B"));
  EXPECT_FALSE(is_control("\xC2\xA0"));
  EXPECT_FALSE(is_control("a"));
  for (const char* text : {"\u061C", "\u200E", "\u200F", "\u2028", "\u2029", "\u202A", "\u202E", "\u2060",
                           "\u2066", "\u2069", "\uFEFF", "\uFFF9", "\U000E0041"}) {
    EXPECT_TRUE(is_control(text)) << std::hex << code_point(text);
  }
  for (const char* text :
       {"\u00E9", "\u200B", "\u200D", "\u2027", "\u202F", "\u20AC", "\uFFFD", "\U0001F600"}) {
    EXPECT_FALSE(is_control(text)) << std::hex << code_point(text);
  }
}

/// Random text of characters of every length, some of whose bytes are then changed, lost or cut off.
std::string random_text(std::mt19937& random) {
  constexpr const char* kPieces[] = {"a",
                                     "plain text",
                                     "\xC2\x80",
                                     "\xDF\xBF",
                                     "\xE0\xA0\x80",
                                     "\xED\x9F\xBF",
                                     "\xEF\xBF\xBF",
                                     "\xF0\x90\x80\x80",
                                     "\xF4\x8F\xBF\xBF",
                                     "0123456789012345678901234567890123456789012345678901234567890123"};
  std::string text;
  for (std::size_t left = random() % 40; left > 0; --left) text += kPieces[random() % std::size(kPieces)];
  for (std::size_t faults = random() % 3; faults > 0 && !text.empty(); --faults) {
    const std::size_t at = random() % text.size();
    if (random() % 3 == 0) {
      text.erase(at, 1);
    } else {
      constexpr unsigned char kEdges[] = {0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1,
                                          0xC2, 0xE0, 0xED, 0xEF, 0xF0, 0xF4, 0xF5, 0xFF};
      text[at] = static_cast<char>(kEdges[random() % std::size(kEdges)]);
    }
  }
  return text;
}

TEST(Utf8Text, SaysWhatTheSlowWaySays) {
  std::mt19937 random(1);
  std::size_t valid = 0;
  for (int i = 0; i < 300'000; ++i) {
    const std::string text = random_text(random);
    ASSERT_EQ(is_utf8_text(text), is_utf8(text)) << testing::PrintToString(text);
    valid += is_utf8(text);
    if (i % 10 != 0) continue;
    std::string mended;
    ASSERT_EQ(append_utf8_text(mended, text) == 0, is_utf8(text));
    ASSERT_TRUE(is_utf8(mended)) << testing::PrintToString(text);
  }
  EXPECT_GT(valid, 50'000u);
  EXPECT_LT(valid, 250'000u);
}

TEST(Utf8Text, EveryPairAndTripleOfBytesAtEveryPlace) {
  for (unsigned first = 0x80; first <= 0xFF; ++first) {
    for (unsigned second = 0x70; second <= 0xFF; ++second) {
      for (const std::size_t at : {0u, 13u, 14u, 15u, 16u, 61u, 63u, 79u, 80u}) {
        std::string text(at, 'x');
        text += {static_cast<char>(first), static_cast<char>(second)};
        ASSERT_EQ(is_utf8_text(text), is_utf8(text)) << first << " " << second << " at " << at;
        for (const char* rest : {"\x80", "\x80\x80", "\x80\x80\x80", "z"}) {
          ASSERT_EQ(is_utf8_text(text + rest), is_utf8(text + rest))
              << first << " " << second << " at " << at;
        }
      }
    }
  }
}

TEST(Utf8Text, EachPieceOfACharacterIsReplacedOnce) {
  const auto mended = [](const std::string& text) {
    std::string out = ">";
    const std::size_t count = append_utf8_text(out, text);
    return std::to_string(count) + out;
  };
  const std::string bad = "\xEF\xBF\xBD";
  EXPECT_EQ(mended(""), "0>");
  EXPECT_EQ(mended("caf\xC3\xA9"), "0>caf\xC3\xA9");
  EXPECT_EQ(mended("caf\xE9"), "1>caf" + bad);
  EXPECT_EQ(mended("\xE2\x82z"), "1>" + bad + "z");
  EXPECT_EQ(mended("\xF0\x90\x80"), "1>" + bad);
  EXPECT_EQ(mended("\xF0\x8F\xBF\xBF"), "4>" + bad + bad + bad + bad);
  EXPECT_EQ(mended("\xED\xA0\x80!"), "3>" + bad + bad + bad + "!");
  EXPECT_EQ(mended("\xC2\xC2\x80"), "1>" + bad + "\xC2\x80");
  EXPECT_EQ(mended("\x80\xFF"), "2>" + bad + bad);
}

}  // namespace
}  // namespace realtime
