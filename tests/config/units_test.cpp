#include "config/units.hpp"

#include <gtest/gtest.h>

namespace realtime {
namespace {

TEST(Units, ReadWhatASettingMayHold) {
  EXPECT_EQ(parse_count("0"), 0u);
  EXPECT_EQ(parse_count("18446744073709551615"), 18446744073709551615u);
  EXPECT_EQ(parse_size("4096"), 4096u);
  EXPECT_EQ(parse_size("1KiB"), 1024u);
  EXPECT_EQ(parse_size("16MiB"), 16u << 20);
  EXPECT_EQ(parse_size("2GiB"), 2ull << 30);
  EXPECT_EQ(parse_duration("250ms"), 250u);
  EXPECT_EQ(parse_duration("10s"), 10'000u);
  EXPECT_EQ(parse_boolean("true"), true);
  EXPECT_EQ(parse_boolean("0"), false);
}

TEST(Units, RefuseEverythingElse) {
  for (const char* text :
       {"", " ", "-1", "+1", "1 ", " 1", "1.5", "0x10", "1e3", "18446744073709551616", "one", "1,000"}) {
    EXPECT_FALSE(parse_count(text)) << text;
    EXPECT_FALSE(parse_size(text)) << text;
  }
  for (const char* text : {"MiB", "1KB", "1kib", "1 MiB", "1MiB ", "17179869184GiB", "-1KiB", "1KiBMiB"}) {
    EXPECT_FALSE(parse_size(text)) << text;
  }
  for (const char* text :
       {"", "10", "s", "ms", "10 s", "1m", "1min", "10S", "-1s", "1.5s", "18446744073709551615s"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
  for (const char* text : {"", "yes", "True", "2", "on"}) EXPECT_FALSE(parse_boolean(text)) << text;
}

TEST(Units, WriteTheShortestThatReadsBack) {
  for (const std::uint64_t n : {0ull, 1ull, 1023ull, 1024ull, 1536ull, 1ull << 20, 16ull << 20, 3ull << 30}) {
    EXPECT_EQ(parse_size(size_text(n)), n);
    EXPECT_EQ(parse_duration(duration_text(n)), n);
  }
  EXPECT_EQ(size_text(16 << 20), "16MiB");
  EXPECT_EQ(duration_text(10'000), "10s");
  EXPECT_EQ(duration_text(1'500), "1500ms");
}

}  // namespace
}  // namespace realtime
