#include "app/trouble.hpp"

#include <gtest/gtest.h>

#include "base/log.hpp"

namespace realtime {
namespace {

using namespace std::chrono_literals;
using enum ErrorKind;

constexpr TimePoint kStart{1000h};

TEST(RepeatGate, SaysTheBeginningThenOnceAMinute) {
  RepeatGate gate;
  EXPECT_TRUE(gate.failed("postgres", postgres_unreachable, kStart).begins);
  int said = 0;
  for (int s = 1; s <= 300; ++s) said += gate.failed("postgres", postgres_unreachable, kStart + s * 1s).say;
  EXPECT_EQ(said, 5);
}

TEST(RepeatGate, TheEndTellsHowLongAndHowOften) {
  RepeatGate gate;
  EXPECT_FALSE(gate.worked("postgres", kStart));
  gate.failed("postgres", postgres_unreachable, kStart);
  gate.failed("postgres", postgres_unreachable, kStart + 3s);
  const auto over = gate.worked("postgres", kStart + 5s);
  ASSERT_TRUE(over);
  EXPECT_EQ(over->lasted, 5s);
  EXPECT_EQ(over->times, 2u);
  EXPECT_FALSE(gate.worked("postgres", kStart + 6s));
  EXPECT_TRUE(gate.failed("postgres", postgres_unreachable, kStart + 7s).begins);
}

TEST(RepeatGate, AnotherKindIsNewsButTwoThatAlternateDoNotFlood) {
  RepeatGate gate;
  int said = 0;
  for (int i = 0; i < 100; ++i) {
    said += gate.failed("queue search", i % 2 ? redis_loading : redis_unreachable, kStart + i * 100ms).say;
  }
  EXPECT_EQ(said, 2);
}

TEST(RepeatGate, SubjectsAreApart) {
  RepeatGate gate;
  EXPECT_TRUE(gate.failed("queue a", redis_loading, kStart).say);
  EXPECT_TRUE(gate.failed("queue b", redis_loading, kStart).say);
  EXPECT_FALSE(gate.failed("queue a", redis_loading, kStart + 1s).say);
}

TEST(RepeatGate, IsBounded) {
  RepeatGate gate;
  for (int i = 0; i < 1000; ++i) gate.failed("subject " + std::to_string(i), redis_loading, kStart + i * 1s);
  EXPECT_FALSE(gate.worked("subject 0", kStart + 2000s));
  EXPECT_TRUE(gate.worked("subject 999", kStart + 2000s));
}

TEST(Say, OneLineAtEachEnd) {
  testing::internal::CaptureStdout();
  log::start(log::Style::json, log::Level::info);
  RepeatGate gate;
  const Error refused{redis_unreachable, "connection refused"};
  for (int i = 0; i < 50; ++i) say_failed(gate, "queue search", refused, kStart + i * 1s);
  say_worked(gate, "queue search", kStart + 50s);
  say_worked(gate, "queue search", kStart + 51s);
  const std::string text = testing::internal::GetCapturedStdout();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2) << text;
  EXPECT_NE(text.find(R"("level":"warn","message":"connection refused","error":"redis_unreachable")"),
            std::string::npos);
  EXPECT_NE(text.find(R"x("message":"recovered: Redis answers, after 50 s (50 failures)")x"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find(R"("lasted_seconds":50,"times":50)"), std::string::npos) << text;
}

}  // namespace
}  // namespace realtime
