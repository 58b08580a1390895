#include "base/log.hpp"

#include <sstream>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/rapidjson.hpp"

namespace realtime::log {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

TEST(Log, ProductionWritesOneJsonObjectALine) {
  testing::internal::CaptureStdout();
  start(Style::json, Level::info);
  info("first\nstill first", {{"slot", "realtime"}});
  debug("not seen");
  error("last {} %v");
  const auto lines = lines_of(testing::internal::GetCapturedStdout());
  ASSERT_EQ(lines.size(), 2u);
  for (const auto& line : lines) {
    rapidjson::Document document;
    EXPECT_FALSE(document.Parse(line.c_str()).HasParseError()) << line;
  }
  EXPECT_NE(lines[1].find(R"("level":"error","message":"last {} %v")"), std::string::npos);
}

TEST(Log, DevelopmentIsReadableAndHasNoColoursOffATerminal) {
  testing::internal::CaptureStdout();
  start(Style::readable, Level::debug);
  debug("seen", {{"queue", "search"}});
  write(Level::trace, "not seen");
  const auto lines = lines_of(testing::internal::GetCapturedStdout());
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_TRUE(lines[0].ends_with(" debug   seen  queue=search")) << lines[0];
  EXPECT_EQ(lines[0].find('\x1B'), std::string::npos);
}

TEST(Log, LinesOfSeveralThreadsStayWhole) {
  testing::internal::CaptureStdout();
  start(Style::json, Level::info);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([] {
      for (int i = 0; i < 200; ++i) info("line", {{"i", std::to_string(i), true}});
    });
  }
  for (auto& thread : threads) thread.join();
  const auto lines = lines_of(testing::internal::GetCapturedStdout());
  EXPECT_EQ(lines.size(), 800u);
  for (const auto& line : lines) {
    rapidjson::Document document;
    ASSERT_FALSE(document.Parse(line.c_str()).HasParseError()) << line;
  }
}

TEST(Log, EnabledFollowsTheLevel) {
  start(Style::json, Level::warn);
  EXPECT_TRUE(enabled(Level::error));
  EXPECT_TRUE(enabled(Level::warn));
  EXPECT_FALSE(enabled(Level::info));
  start(Style::json, Level::info);
}

}  // namespace
}  // namespace realtime::log
