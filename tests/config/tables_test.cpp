#include "config/tables.hpp"

#include <gtest/gtest.h>

namespace realtime {
namespace {

TablePatterns parsed(std::string_view text) {
  auto patterns = TablePatterns::parse(text);
  EXPECT_TRUE(patterns) << text << ": " << (patterns ? "" : patterns.error().message);
  return patterns ? *patterns : TablePatterns{};
}

TEST(TablePatterns, MatchExactNames) {
  const TablePatterns list = parsed("public.orders,s.Upper");
  EXPECT_TRUE(list.matches("public", "orders"));
  EXPECT_TRUE(list.matches("s", "Upper"));
  EXPECT_FALSE(list.matches("s", "upper"));
  EXPECT_FALSE(list.matches("s", "orders"));
}

TEST(TablePatterns, AStarIsAWildcardOnlyAsAWholePart) {
  EXPECT_TRUE(parsed("public.*").matches("public", "anything"));
  EXPECT_FALSE(parsed("public.*").matches("other", "anything"));
  EXPECT_TRUE(parsed("*.t").matches("any", "t"));
  EXPECT_TRUE(parsed("*.*").matches("any", "thing"));
  EXPECT_FALSE(parsed("public.U*").matches("public", "Users"));
  EXPECT_TRUE(parsed("public.U*").matches("public", "U*"));
  EXPECT_FALSE(parsed("pub*.x").matches("public", "x"));
  EXPECT_FALSE(parsed("\\*.\\*").matches("any", "thing"));
  EXPECT_TRUE(parsed("\\*.\\*").matches("*", "*"));
}

TEST(TablePatterns, TheFirstUnescapedDotSplits) {
  EXPECT_TRUE(parsed("My\\.Sch.dot\\.t").matches("My.Sch", "dot.t"));
  EXPECT_TRUE(parsed("a.b.c").matches("a", "b.c"));
}

TEST(TablePatterns, ABackslashTakesTheNextCharacterAsItIs) {
  EXPECT_TRUE(parsed("a\\ b.c\\,d\\\\e").matches("a b", "c,d\\e"));
  EXPECT_TRUE(parsed("a.\\t").matches("a", "t"));
}

TEST(TablePatterns, QuotesAreOrdinary) {
  EXPECT_FALSE(parsed("public.\"Upper\"").matches("public", "Upper"));
  EXPECT_TRUE(parsed("public.\"Upper\"").matches("public", "\"Upper\""));
}

TEST(TablePatterns, SpacesAreAllowedAroundCommasOnly) {
  const TablePatterns list = parsed("  a.b ,\n\tc.d  ");
  EXPECT_TRUE(list.matches("a", "b"));
  EXPECT_TRUE(list.matches("c", "d"));
  EXPECT_EQ(list.canonical(), "a.b,c.d");
  EXPECT_TRUE(parsed("").empty());
  EXPECT_TRUE(parsed(" \n").empty());
}

TEST(TablePatterns, RefuseWhatWal2jsonRefusesAndWhatCanMatchNothing) {
  const std::string longest(63, 'x');
  EXPECT_TRUE(TablePatterns::parse("s." + longest));
  for (const std::string& text :
       {std::string("t1"), std::string("a.b,"), std::string(",a.b"), std::string("a.b,,c.d"),
        std::string("a.b c.d"), std::string("a .b"), std::string("a. b"), std::string(".t"),
        std::string("s."), std::string("."), std::string("a\\.b"), std::string("a.b\\"),
        std::string("a.\xFF"), std::string("*"), "s." + longest + "x"}) {
    EXPECT_FALSE(TablePatterns::parse(text)) << text;
  }
}

TEST(TablePatterns, TheCanonicalTextReadsBackTheSame) {
  for (const char* text :
       {"public.*", "*.t", "\\*.\\*", "My\\.Sch.dot\\.t", "a\\ b.c\\,d\\\\e", "a.b.c , c.\\t", "a.\\\\\\,"}) {
    const TablePatterns first = parsed(text);
    const TablePatterns again = parsed(first.canonical());
    EXPECT_EQ(first.patterns(), again.patterns()) << first.canonical();
    EXPECT_EQ(first.canonical(), again.canonical());
  }
  EXPECT_EQ(parsed("My\\.Sch.dot\\.t").canonical(), "My\\.Sch.dot.t");
}

TEST(TablePatterns, AreBounded) {
  std::string many = "s.t";
  for (std::size_t i = 1; i <= TablePatterns::kMaxPatterns; ++i) many += ",s.t";
  EXPECT_FALSE(TablePatterns::parse(many));
}

}  // namespace
}  // namespace realtime
