#include "base/utf8.hpp"

#include <gtest/gtest.h>

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
}

}  // namespace
}  // namespace realtime
