#include "postgres/application_name.hpp"

#include <gtest/gtest.h>

namespace realtime::postgres {
namespace {

TEST(ApplicationName, IsReadAsItWasWritten) {
  const ApplicationName name{"1.0.0", "0123456789abcdef"};
  EXPECT_EQ(format_application_name(name), "hash-realtime/1.0.0 0123456789abcdef");
  EXPECT_EQ(parse_application_name(format_application_name(name)), name);
}

TEST(ApplicationName, NeverExceedsWhatTheServerKeeps) {
  const std::string text = format_application_name({std::string(80, '9'), std::string(80, 'a')});
  EXPECT_EQ(text.size(), kLongestApplicationName);
  ASSERT_TRUE(parse_application_name(text));
  EXPECT_EQ(parse_application_name(text)->fingerprint, std::string(32, 'a'));
}

TEST(ApplicationName, HoldsNothingThatTheServerWouldReplace) {
  EXPECT_EQ(format_application_name({"1 0\n", "caf\xc3\xa9"}), "hash-realtime/1?0? caf??");
}

TEST(ApplicationName, OthersAreNotOurs) {
  for (const char* text :
       {"", "psql", "hash-realtime", "hash-realtime/", "hash-realtime/1.0.0", "hash-realtime/1.0.0 ",
        "hash-realtime/ abc", "hash-realtime/1.0.0 a b", "xhash-realtime/1.0.0 abc"}) {
    EXPECT_FALSE(parse_application_name(text)) << text;
  }
}

}  // namespace
}  // namespace realtime::postgres
