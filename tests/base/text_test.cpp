#include "base/text.hpp"

#include <gtest/gtest.h>

namespace realtime {
namespace {

TEST(Words, SizesAndTimes) {
  EXPECT_EQ(bytes_words(0), "0 bytes");
  EXPECT_EQ(bytes_words(1536), "1.5 KiB");
  EXPECT_EQ(bytes_words(std::uint64_t{40} << 30), "40 GiB");
  EXPECT_EQ(bytes_words(~std::uint64_t{0}), "16384 PiB");
  EXPECT_EQ(time_words(std::chrono::seconds(119)), "119 s");
  EXPECT_EQ(time_words(std::chrono::minutes(14)), "14 min");
  EXPECT_EQ(time_words(std::chrono::hours(5)), "5.0 h");
}

TEST(Words, WhatATerminalWouldObeyIsNotShown) {
  EXPECT_EQ(shown("a\033[2Jb\n\xffg\xc3\xa9"), "a?[2Jb??g\xc3\xa9");
}

TEST(Words, LocalHosts) {
  for (const char* host : {"localhost", "127.0.0.1", "::1", "/run/postgresql"})
    EXPECT_TRUE(is_local(host)) << host;
  for (const char* host : {"db", "10.0.0.1", "localhost.example.org"}) EXPECT_FALSE(is_local(host)) << host;
}

}  // namespace
}  // namespace realtime
