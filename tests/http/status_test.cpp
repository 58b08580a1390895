#include "http/status.hpp"

#include <limits>

#include <gtest/gtest.h>

#include "base/rapidjson.hpp"
#include "support/service_example.hpp"

namespace realtime::http {
namespace {

using realtime::testing::ServiceExample;

rapidjson::Document parsed(const PipelineMetrics& metrics, const ServiceFacts& facts) {
  const std::string text = render_status(metrics, facts);
  rapidjson::Document document;
  document.Parse<rapidjson::kParseValidateEncodingFlag>(text.data(), text.size());
  EXPECT_FALSE(document.HasParseError()) << text;
  return document;
}
rapidjson::Document parsed(const ServiceExample& example) {
  return parsed(example.metrics, example.facts);
}

TEST(Status, SaysWhoWeAreAndHowItStands) {
  const auto status = parsed(ServiceExample{});
  EXPECT_STREQ(status["role"].GetString(), "owner");
  EXPECT_STREQ(status["state"].GetString(), "streaming");
  EXPECT_FALSE(status["ready"].GetBool());
  EXPECT_STREQ(status["trouble"]["error"].GetString(), "queue_wrong_type");
  EXPECT_STREQ(status["trouble"]["since"].GetString(), "2023-11-14T22:13:20.000Z");
  EXPECT_EQ(status["uptime_seconds"].GetDouble(), 60);
  EXPECT_STREQ(status["slot"]["wal_status"].GetString(), "reserved");
  EXPECT_STREQ(status["peers"][0]["instance"].GetString(), "host-2");
}

TEST(Status, WritesLsnsAsPostgresDoes) {
  const auto status = parsed(ServiceExample{});
  EXPECT_STREQ(status["lsn"]["server"].GetString(), "16/B374E000");
  EXPECT_STREQ(status["lsn"]["received"].GetString(), "16/B374D848");
  EXPECT_STREQ(status["lsn"]["confirmed"].GetString(), "16/B374D000");
  EXPECT_STREQ(status["queues"][0]["written_lsn"].GetString(), "16/B374D100");
}

TEST(Status, WrittenIsTheLeastOfAllQueues) {
  ServiceExample example;
  example.metrics.queues[1].written_lsn.set(0x16'B0000000);
  EXPECT_STREQ(parsed(example)["lsn"]["written"].GetString(), "16/B0000000");
}

TEST(Status, IsValidJsonWhateverAQueueIsCalled) {
  ServiceExample example;
  example.metrics.queues[0].name = "\xFF\xFE bad \x01";
  const auto status = parsed(example);
  EXPECT_STREQ(status["queues"][1]["name"].GetString(), ServiceExample::kHostileName);
  EXPECT_TRUE(status["queues"][1]["stuck"].GetBool());
  EXPECT_STREQ(status["queues"][1]["trouble"]["remedy"].GetString(), "DEL it");
  EXPECT_EQ(status["degraded"].Size(), 1u);
}

TEST(Status, SaysNullForWhatIsNotKnown) {
  const auto status = parsed(PipelineMetrics{}, ServiceFacts{});
  EXPECT_STREQ(status["role"].GetString(), "starting");
  for (const char* name : {"trouble", "catch_up", "started_at"}) EXPECT_TRUE(status[name].IsNull()) << name;
  EXPECT_TRUE(status["lsn"]["server"].IsNull());
  EXPECT_TRUE(status["lag"]["bytes"].IsNull());
  EXPECT_TRUE(status["queues"].Empty());
  EXPECT_TRUE(parsed(ServiceExample{})["queues"][1]["length"].IsNull());
}

TEST(Status, SaysHowFarItCaughtUpAndHowLongItWillTake) {
  ServiceExample example;
  example.facts.catch_up_from_bytes = 38400;
  example.facts.rates.released_lsn_bytes = 484;
  example.facts.rates.written_by_server_bytes = 100;
  const auto status = parsed(example);
  EXPECT_DOUBLE_EQ(status["catch_up"]["done"].GetDouble(), 0.9);
  EXPECT_DOUBLE_EQ(status["catch_up"]["seconds_left"].GetDouble(), 10);
}

TEST(Status, IsValidJsonWithNumbersThatAreNone) {
  ServiceExample example;
  example.facts.rates.received_messages = std::numeric_limits<double>::infinity();
  example.facts.lag_seconds = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(parsed(example)["lag"]["seconds"].IsNull());
}

TEST(Status, SaysInWordsWhatLimits) {
  EXPECT_EQ(limit_words({LimitFacts::By::postgres, ""}), "waiting for Postgres");
  EXPECT_EQ(limit_words({LimitFacts::By::queue, "search"}), "waiting for queue search");
  EXPECT_EQ(limit_words({}), "nothing waits");
}

}  // namespace
}  // namespace realtime::http
