#include "cli/terminal/status_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/terminal/human.hpp"
#include "http/status.hpp"
#include "support/service_example.hpp"

namespace realtime::http {
namespace {

using realtime::testing::ServiceExample;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string screen(const ServiceExample& example, bool colour = false) {
  return status_screen(render_status(example.metrics, example.facts), {colour, 100}).value_or("no status");
}

TEST(StatusScreen, SaysWhatStatusSays) {
  EXPECT_THAT(screen(ServiceExample{}),
              AllOf(HasSubstr("hash-realtime 1.2.3  host-1  up 1 min"),
                    HasSubstr("owner of slot realtime, streaming"),
                    HasSubstr("queue_wrong_type since 2023-11-14T22:13:20.000Z"), HasSubstr("Fix: DEL it"),
                    HasSubstr("16/B374E000"), HasSubstr("search"), HasSubstr("host-2, standby"),
                    HasSubstr("Degraded: "), HasSubstr("(16/B3740000, 16/B3741000]")));
}

TEST(StatusScreen, ShowsHowFarItCaughtUp) {
  ServiceExample example;
  EXPECT_THAT(screen(example), Not(HasSubstr("Catching up")));
  example.facts.catch_up_from_bytes = 7680;
  example.facts.rates = {};
  EXPECT_THAT(screen(example), HasSubstr("3.75 KiB of 7.5 KiB left, nothing has come of it yet"));
  example.facts.rates.released_lsn_bytes = 30;
  example.facts.rates.written_by_server_bytes = 40;
  EXPECT_THAT(screen(example), HasSubstr("3.75 KiB of 7.5 KiB left, the server writes faster"));
  example.facts.rates.written_by_server_bytes = 0;
  EXPECT_THAT(screen(example), AllOf(HasSubstr("████████████████████░░░░░░░░░░░░░░░░░░░░  50 %"),
                                     HasSubstr("3.75 KiB of 7.5 KiB left, about 2 min 8 s")));
}

TEST(StatusScreen, LetsNoControlCharacterThrough) {
  ServiceExample example;
  example.metrics.queues[0].name = "a\x1b[2Jb\r\xC2\x9B\x7F";
  example.facts.trouble->message = "\x1b]0;title\x07 two\nlines";
  const std::string text = screen(example);
  for (const char c : text) EXPECT_TRUE(c == '\n' || (c & 0xE0) != 0) << static_cast<int>(c);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(text.find('\x7f'), std::string::npos);
  EXPECT_EQ(text.find("\xC2\x9B"), std::string::npos);
  EXPECT_THAT(screen(example, true), HasSubstr("\x1b["));
}

TEST(StatusScreen, TakesAnyShapeOfJson) {
  for (
      const char* json :
      {R"({"role":1})",
       R"({"role":null,"queues":{},"lsn":[],"trouble":[1],"degraded":"x","peers":[1,null,[]]})",
       R"({"role":"owner","queues":[null,1,"x",[],{"name":{},"trouble":{},"stuck":true}],"catch_up":{}})",
       R"({"role":"x","uptime_seconds":1e308,"in_flight":{"bytes":-1e300,"limit_bytes":1e-300},"decoders":{"busy":-5}})"}) {
    EXPECT_TRUE(status_screen(json)) << json;
  }
}

TEST(StatusScreen, RefusesWhatIsNoStatus) {
  for (const std::string& text :
       {std::string(), std::string("nonsense"), std::string("[]"), std::string("{}"),
        std::string("{\"role\":\"owner\""), std::string(1 << 20, '[')}) {
    EXPECT_FALSE(status_screen(text)) << text.substr(0, 20);
  }
}

TEST(StatusScreen, KeepsWithinTheColumns) {
  const ServiceExample example;
  const std::string text = *status_screen(render_status(example.metrics, example.facts), {false, 80});
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    EXPECT_LE(columns_of(text.substr(at, end - at)), 80u) << text.substr(at, end - at);
    at = end + 1;
  }
}

TEST(Human, SaysNumbersAsAPersonWould) {
  EXPECT_EQ(human_count(48'211'306), "48,211,306");
  EXPECT_EQ(human_count(999), "999");
  EXPECT_EQ(human_count(-1234), "-1,234");
  EXPECT_EQ(human_count(1e300), "—");
  EXPECT_EQ(human_rate(0.01), "0");
  EXPECT_EQ(human_rate(0.254), "0.254");
  EXPECT_EQ(human_rate(61402.4), "61,402");
  EXPECT_EQ(human_bytes(512), "512 B");
  EXPECT_EQ(human_bytes(9001), "8.79 KiB");
  EXPECT_EQ(human_bytes(16 << 20), "16 MiB");
  EXPECT_EQ(human_latency(0.000386), "386 µs");
  EXPECT_EQ(human_latency(0.00128), "1.28 ms");
  EXPECT_EQ(human_latency(2.5), "2.5 s");
  EXPECT_EQ(human_duration(0), "0 s");
  EXPECT_EQ(human_duration(134), "2 min 14 s");
  EXPECT_EQ(human_duration(111'600), "1 d 7 h");
  EXPECT_EQ(human_percent(0.624), "62 %");
  EXPECT_EQ(human_bytes(std::nullopt), "—");
}

TEST(Human, CutsAtWholeCharacters) {
  EXPECT_EQ(padded("größe", 5), "größe");
  EXPECT_EQ(padded("größere", 5), "größ…");
  EXPECT_EQ(padded("ab", 4), "ab  ");
  EXPECT_EQ(padded("ab", 4, true), "  ab");
}

}  // namespace
}  // namespace realtime::http
