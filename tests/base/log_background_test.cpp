// Standard output that does not take what it is given: a pipe that nobody reads, a full disk, a closed one.
#include <algorithm>
#include <string>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include "base/log.hpp"
#include "base/rapidjson.hpp"

namespace realtime::log {
namespace {

using namespace std::chrono_literals;

/// Standard output is another descriptor as long as it lives.
class StandardOutput {
 public:
  explicit StandardOutput(int other) : before_(::dup(STDOUT_FILENO)) { become(other); }
  ~StandardOutput() { become(before_); }
  StandardOutput(const StandardOutput&) = delete;
  StandardOutput& operator=(const StandardOutput&) = delete;
  void become(int other) const {
    ::dup2(other, STDOUT_FILENO);
    ::close(other);
  }

 private:
  const int before_;
};

/// Writes into the pipe until it takes no more; how much that was.
std::size_t fill(int pipe) {
  const int flags = ::fcntl(pipe, F_GETFL);
  ::fcntl(pipe, F_SETFL, flags | O_NONBLOCK);
  std::size_t size = 0;
  while (::write(pipe, "x", 1) == 1) ++size;
  ::fcntl(pipe, F_SETFL, flags);
  return size;
}

struct Lines {
  std::uint64_t plain = 0, dropped = 0;
  std::uint64_t notices = 0;
  std::string last;

  void read(std::string& text) {
    for (std::size_t end; (end = text.find('\n')) != std::string::npos; text.erase(0, end + 1)) {
      rapidjson::Document line;
      ASSERT_FALSE(line.Parse(text.substr(0, end).c_str()).HasParseError()) << text.substr(0, end);
      if (line.HasMember("dropped")) {
        dropped += line["dropped"].GetUint64();
        ++notices;
      } else {
        ++plain;
        last = line["message"].GetString();
      }
    }
  }
};

TEST(LogInBackground, APipeThatNobodyReadsHoldsNobodyUp) {
  constexpr std::uint64_t kLines = 5'000;  // more than may wait
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  std::size_t others = fill(ends[1]);
  Lines got;
  bool finished_early = true;
  {
    const StandardOutput output(ends[1]);
    start(Style::json, Level::info);
    ASSERT_TRUE(write_in_background());
    for (std::uint64_t i = 0; i < kLines; ++i) info("line " + std::to_string(i));
    finished_early = finish(20ms);
    EXPECT_GT(dropped_lines(), kLines / 2);

    std::string text;
    char part[65536];
    while (got.plain + got.dropped < kLines) {
      const ssize_t size = ::read(ends[0], part, sizeof part);
      ASSERT_GT(size, 0);
      const std::size_t skipped = std::min(others, static_cast<std::size_t>(size));
      others -= skipped;
      text.append(part + skipped, static_cast<std::size_t>(size) - skipped);
      got.read(text);
    }
    EXPECT_TRUE(finish(10s));
    EXPECT_EQ(dropped_lines(), got.dropped);
    start(Style::json, Level::info);
  }
  ::close(ends[0]);
  EXPECT_FALSE(finished_early);
  EXPECT_EQ(got.plain + got.dropped, kLines);
  EXPECT_EQ(got.notices, 1u);
  EXPECT_EQ(got.last, "line 4999");
}

TEST(LogInBackground, WhatCannotBeWrittenIsCounted) {
  const StandardOutput output(::open("/dev/full", O_WRONLY));
  start(Style::json, Level::info);
  ASSERT_TRUE(write_in_background());
  for (int i = 0; i < 10; ++i) info("line");
  EXPECT_TRUE(finish(10s));
  EXPECT_EQ(dropped_lines(), 10u);

  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  output.become(ends[1]);
  info("there is room again");
  EXPECT_TRUE(finish(10s));
  std::string text(4096, '\0');
  text.resize(static_cast<std::size_t>(::read(ends[0], text.data(), text.size())));
  ::close(ends[0]);
  Lines got;
  got.read(text);
  EXPECT_EQ(got.last, "there is room again");
  EXPECT_EQ(got.dropped, 10u);
  start(Style::json, Level::info);
}

TEST(LogInBackground, ANonBlockingPipeIsWaitedForByTheLogAlone) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_NONBLOCK), 0);
  const StandardOutput output(ends[1]);
  start(Style::json, Level::info);
  ASSERT_TRUE(write_in_background());
  constexpr std::uint64_t kLines = 1000;  // more than the pipe holds, less than what may wait
  for (std::uint64_t i = 0; i < kLines; ++i)
    info("line " + std::to_string(i), {{"x", std::string(100, 'x')}});
  Lines got;
  std::string text;
  char part[65536];
  while (got.plain < kLines) {
    pollfd one{ends[0], POLLIN, 0};
    ::poll(&one, 1, -1);
    const ssize_t size = ::read(ends[0], part, sizeof part);
    if (size > 0) text.append(part, static_cast<std::size_t>(size));
    got.read(text);
  }
  EXPECT_TRUE(finish(10s));
  EXPECT_EQ(dropped_lines(), 0u);
  ::close(ends[0]);
  start(Style::json, Level::info);
}

}  // namespace
}  // namespace realtime::log
