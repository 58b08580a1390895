#include "base/scrub.hpp"

#include <gtest/gtest.h>

#include "base/log.hpp"

namespace realtime::scrub {
namespace {

TEST(Scrub, ReplacesASecretWhereverItStands) {
  add_secret("hunter-2-hunter");
  EXPECT_EQ(clean("hunter-2-hunter and xhunter-2-hunterhunter-2-hunter."), "*** and x******.");
  EXPECT_EQ(clean("hunter-2"), "hunter-2");
}

TEST(Scrub, KnowsItAsJsonWritesIt) {
  add_secret("pass\"word\\with\nall");
  EXPECT_EQ(clean(R"({"message":"user pass\"word\\with\nall"})"), R"({"message":"user ***"})");
}

TEST(Scrub, LeavesPlainAndShortWordsAlone) {
  add_plain_words("the database postgres_plain of us");
  add_secret("postgres_plain");
  add_secret("abc");
  EXPECT_EQ(clean("postgres_plain abc"), "postgres_plain abc");
}

TEST(Scrub, KeepsTheLastOnesOfAFileThatChanges) {
  for (int i = 0; i < 1000; ++i) add_secret("token-number-" + std::to_string(i) + "-end");
  EXPECT_EQ(clean("token-number-999-end"), "***");
  EXPECT_EQ(clean("token-number-0-end"), "token-number-0-end");
}

TEST(Scrub, IsTheLogsEdge) {
  add_secret("s3cr3t-of-the-log");
  testing::internal::CaptureStdout();
  log::start(log::Style::json, log::Level::info);
  log::info("refused: s3cr3t-of-the-log", {{"remedy", "not s3cr3t-of-the-log"}});
  const std::string text = testing::internal::GetCapturedStdout();
  EXPECT_EQ(text.find("s3cr3t"), std::string::npos) << text;
  EXPECT_NE(text.find(R"("message":"refused: ***","remedy":"not ***")"), std::string::npos) << text;
}

}  // namespace
}  // namespace realtime::scrub
