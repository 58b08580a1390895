#include "config/masking.hpp"

#include <gtest/gtest.h>

namespace realtime {
namespace {

TEST(Printable, MasksThePasswordOfAUrl) {
  EXPECT_EQ(printable("redis://user:hunter2@host:6379"), "redis://user:***@host:6379");
  EXPECT_EQ(printable("postgres://user:p@ss:w/o?rd@host/db"), "postgres://user:***@host/db");
  EXPECT_EQ(printable("redis://:hunter2@host"), "redis://:***@host");
  EXPECT_EQ(printable("redis://hunter2@host"), "redis://***@host");
  EXPECT_EQ(printable("user:hunter2@host"), "user:***@host");
  EXPECT_EQ(printable("postgres://host/db?password=hunter2"), "postgres://host/db?***");
  EXPECT_EQ(printable("host=h PASSWORD=hunter2 user=u"), "host=h PASSWORD=***");
  EXPECT_EQ(printable("my password host=h password = 'hunter2'"), "my password host=h password =***");
}

TEST(Printable, LeavesTheRestAlone) {
  EXPECT_EQ(printable("localhost"), "localhost");
  EXPECT_EQ(printable("public.tokens,public.password_resets"), "public.tokens,public.password_resets");
}

TEST(Printable, IsShortAndHasNoControls) {
  EXPECT_LE(printable(std::string(100'000, 'x')).size(), 200u);
  EXPECT_EQ(printable("a\x1B[2J\nb"), "a\\u001b[2J\\nb");
  EXPECT_EQ(printable("\xFF"), "\xEF\xBF\xBD");
}

}  // namespace
}  // namespace realtime
