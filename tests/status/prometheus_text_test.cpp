#include "status/prometheus_text.hpp"

#include <gtest/gtest.h>

namespace realtime {
namespace {

TEST(PrometheusLabel, EscapesWhatTheFormatNeedsEscaped) {
  EXPECT_EQ(prometheus_label("queue", "plain"), R"(queue="plain")");
  EXPECT_EQ(prometheus_label("queue", "a\\b\"c\nd"), R"(queue="a\\b\"c\nd")");
  EXPECT_EQ(prometheus_label("queue", "gr\xC3\xBC\xC3\x9F"), "queue=\"gr\xC3\xBC\xC3\x9F\"");
}

TEST(PrometheusLabel, ReplacesWhatIsNotUtf8) {
  EXPECT_EQ(prometheus_label("queue", "a\xFF\x62"), "queue=\"a\xEF\xBF\xBD\x62\"");
}

TEST(PrometheusText, WritesCumulativeBucketsInSeconds) {
  Histogram histogram;
  histogram.observe_us(1);
  histogram.observe_us(3, 2);
  histogram.observe_us(60'000'000);
  PrometheusText text;
  text.begin("x_seconds", "histogram", "Help.");
  text.histogram(histogram, prometheus_label("queue", "q"));
  const std::string out = text.take();
  EXPECT_TRUE(out.starts_with("# HELP x_seconds Help.\n# TYPE x_seconds histogram\n")) << out;
  EXPECT_NE(out.find("x_seconds_bucket{queue=\"q\",le=\"1e-06\"} 1\n"), std::string::npos) << out;
  EXPECT_NE(out.find("x_seconds_bucket{queue=\"q\",le=\"2e-06\"} 1\n"), std::string::npos);
  EXPECT_NE(out.find("x_seconds_bucket{queue=\"q\",le=\"4e-06\"} 3\n"), std::string::npos);
  EXPECT_NE(out.find("x_seconds_bucket{queue=\"q\",le=\"16.777216\"} 3\n"), std::string::npos);
  EXPECT_NE(out.find("x_seconds_bucket{queue=\"q\",le=\"+Inf\"} 4\n"), std::string::npos);
  EXPECT_NE(out.find("x_seconds_sum{queue=\"q\"} 60.000007\n"), std::string::npos);
  EXPECT_NE(out.find("x_seconds_count{queue=\"q\"} 4\n"), std::string::npos);
}

}  // namespace
}  // namespace realtime
