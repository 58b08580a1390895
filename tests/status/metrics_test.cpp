#include "status/metrics.hpp"

#include <cstdio>
#include <cstdlib>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/service_example.hpp"

namespace realtime {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string rendered() {
  const testing::ServiceExample example;
  return render_prometheus(example.metrics, example.facts);
}

bool ends_with_any(std::string_view name, std::initializer_list<std::string_view> ends) {
  return std::any_of(ends.begin(), ends.end(), [name](std::string_view end) { return name.ends_with(end); });
}

// The conventions themselves, so that they are checked where promtool is not installed:
// https://prometheus.io/docs/practices/naming/
TEST(MetricTable, KeepsTheConventions) {
  const std::regex form("(hash_realtime|process)(_[a-z0-9]+)+");
  std::set<std::string_view> seen;
  for (const Metric& metric : metric_table()) {
    SCOPED_TRACE(metric.name);
    EXPECT_TRUE(seen.insert(metric.name).second) << "twice";
    EXPECT_TRUE(std::regex_match(std::string(metric.name), form));
    EXPECT_EQ(metric.type == MetricType::counter, metric.name.ends_with("_total"));
    EXPECT_TRUE(metric.type != MetricType::histogram || metric.name.ends_with("_seconds"));
    EXPECT_FALSE(ends_with_any(metric.name, {"_count", "_sum", "_bucket", "_us", "_ms", "_kb", "_percent"}));
    EXPECT_THAT(std::string(metric.name), Not(HasSubstr("milliseconds")));
    EXPECT_TRUE(metric.help.ends_with(".")) << metric.help;
    EXPECT_THAT(std::string(metric.help), Not(HasSubstr("\n")));
    EXPECT_THAT(std::string(metric.help), Not(HasSubstr("\\")));
  }
}

TEST(RenderPrometheus, EveryLineIsAHeaderOrASampleOfTheMetricBegun) {
  const std::regex sample(
      R"re(([a-z_0-9]+?)(_bucket|_sum|_count)?(\{([a-z_]+="([^"\\\n]|\\["\\n])*",?)*\})? (-?[0-9.e+-]+|NaN|[+-]Inf))re");
  std::istringstream lines(rendered());
  std::string current, type;
  int samples = 0;
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (line.starts_with("# HELP ")) {
      current = line.substr(7, line.find(' ', 7) - 7);
    } else if (line.starts_with("# TYPE ")) {
      EXPECT_EQ(line.substr(7, current.size()), current);
      type = line.substr(8 + current.size());
    } else {
      ASSERT_TRUE(std::regex_match(line, match, sample)) << line;
      const std::string name = type == "histogram" ? match[1].str() : match[1].str() + match[2].str();
      EXPECT_EQ(name, current);
      ++samples;
    }
  }
  EXPECT_GT(samples, 100);
}

TEST(RenderPrometheus, SaysWhatTheSourcesSay) {
  const std::string text = rendered();
  EXPECT_THAT(text, HasSubstr("\nhash_realtime_received_messages_total 1000\n"));
  EXPECT_THAT(text, HasSubstr("\nhash_realtime_reader_waited_postgres_seconds_total 1.5\n"));
  EXPECT_THAT(text, HasSubstr("\nhash_realtime_role{role=\"owner\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("\nhash_realtime_role{role=\"standby\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("\nhash_realtime_lag_seconds 0.25\n"));
  EXPECT_THAT(text, HasSubstr("\nhash_realtime_queue_messages_total{queue=\"search\"} 980\n"));
  EXPECT_THAT(text, HasSubstr("\nhash_realtime_trouble{error=\"queue_wrong_type\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("\nhash_realtime_queue_degraded{queue=\"search\"} 0\n"));
}

TEST(RenderPrometheus, EscapesAHostileQueueName) {
  EXPECT_THAT(rendered(),
              HasSubstr(R"(hash_realtime_queue_stuck{queue="a\"b\\c\n<script>alert(1)</script>"} 1)"));
}

TEST(RenderPrometheus, LeavesOutWhatIsNotKnown) {
  const std::string text = rendered();
  EXPECT_THAT(text, HasSubstr("hash_realtime_queue_length{queue=\"search\"} 12\n"));
  EXPECT_THAT(text, Not(HasSubstr("hash_realtime_queue_length{queue=\"a")));
}

TEST(RenderPrometheus, WorksBeforeAnythingIsKnown) {
  const std::string text = render_prometheus(PipelineMetrics{}, ServiceFacts{});
  EXPECT_THAT(text, HasSubstr("hash_realtime_role{role=\"starting\"} 1\n"));
  EXPECT_THAT(text, Not(HasSubstr("\nhash_realtime_lag_bytes ")));
}

TEST(RenderPrometheus, PassesPromtool) {
  if (std::system("command -v promtool > /dev/null 2>&1") != 0) return;  // the rules above hold without it
  std::FILE* promtool = popen("promtool check metrics", "w");
  ASSERT_NE(promtool, nullptr);
  const std::string text = rendered();
  ASSERT_EQ(std::fwrite(text.data(), 1, text.size(), promtool), text.size());
  EXPECT_EQ(pclose(promtool), 0);
}

}  // namespace
}  // namespace realtime
