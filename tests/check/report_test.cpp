#include "check/report.hpp"

#include <gtest/gtest.h>

#include "base/rapidjson.hpp"

namespace realtime::preflight {
namespace {

Config config() {
  auto loaded = load_config({{"HASH_SEARCH_QUEUE_NAME", "s"}, {"HASH_PG_PASSWORD", "hunter2"}}, 2);
  return *loaded;
}

const Findings kFindings = {{Level::ok, "postgres", "version", "PostgreSQL 15.20", ""},
                            {Level::error, "postgres", "right", "missing \"it\"\n", "ALTER ROLE x;"},
                            {Level::warning, "redis", "memory", "full", ""},
                            {Level::unknown, "redis", "eviction", "hidden", ""}};

TEST(Report, TextHasALineAFindingWithItsRemedy) {
  const std::string text = text_report(config(), kFindings);
  EXPECT_NE(text.find("\n  error    right: missing \"it\"?; fix: ALTER ROLE x;\n"), std::string::npos)
      << text;
  EXPECT_NE(text.find("\nRedis\n  warning  memory: full\n"), std::string::npos) << text;
  EXPECT_NE(text.find("\nnot ready: 1 error, 1 warning, 1 unknown\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("hunter2"), std::string::npos);
}

TEST(Report, ErrorsStandOnceMoreAtTheEnd) {
  const std::string text = text_report(config(), kFindings);
  const std::string line = "  error    right: missing \"it\"?; fix: ALTER ROLE x;\n";
  const auto first = text.find(line), again = text.find("\nErrors, once more\n" + line + "\nnot ready");
  EXPECT_NE(first, std::string::npos) << text;
  EXPECT_LT(first, again);
  EXPECT_NE(again, std::string::npos) << text;
}

TEST(Report, QuietShowsOnlyWhatIsWrong) {
  const std::string text = text_report(config(), kFindings, {.quiet = true});
  EXPECT_EQ(text,
            "PostgreSQL\n  error    right: missing \"it\"?; fix: ALTER ROLE x;\n\nRedis\n  warning  memory: "
            "full\n\n"
            "not ready: 1 error, 1 warning, 1 unknown\n");
}

TEST(Report, IsBrokenAtTheTerminalsWidthWithTheFixOnItsOwnLine) {
  const Findings findings = {{Level::error, "http", "port", "a longer text of several words", "do this"}};
  const std::string text = text_report(config(), findings, {.columns = 32, .quiet = true});
  EXPECT_EQ(text,
            "HTTP\n  error    port: a longer text\n           of several words\n           fix: do this\n\n"
            "not ready: 1 error, 0 warnings, 0 unknown\n");
  EXPECT_NE(text_report(config(), findings, {.colour = true, .columns = 80}).find("\x1b[31merror"),
            std::string::npos);
  EXPECT_EQ(text_report(config(), findings, {.columns = 80}).find('\x1b'), std::string::npos);
}

TEST(Report, JsonIsJson) {
  const std::string json = json_report(config(), kFindings);
  rapidjson::Document document;
  document.Parse(json.data(), json.size());
  ASSERT_FALSE(document.HasParseError()) << json;
  EXPECT_FALSE(document["ok"].GetBool());
  EXPECT_EQ(document["findings"].Size(), 4u);
  EXPECT_STREQ(document["findings"][1]["what"].GetString(), "missing \"it\"\n");
  EXPECT_TRUE(document["findings"][0]["remedy"].IsNull());
  EXPECT_EQ(json.find("hunter2"), std::string::npos);
}

TEST(Report, WithoutErrorsItIsReady) {
  EXPECT_NE(text_report(config(), {}).find("\nready: 0 errors"), std::string::npos);
}

/// A side without a connection: the rest is not tried, and one that throws is unknown.
struct Side {
  bool up = true;
  bool reachable() const { return up; }
};

TEST(RunAll, EndsWhereTheConnectionEnds) {
  constexpr Check<Side> checks[] = {
      {"throws", [](Side&, Notes&) { throw std::runtime_error("odd"); }},
      {"cuts", [](Side& side, Notes& notes) { side.up = false, notes.ok("cut"); }},
      {"not tried", [](Side&, Notes& notes) { notes.error("tried"); }},
      {"nor this", [](Side&, Notes& notes) { notes.error("tried"); }},
  };
  Side side;
  const Findings findings = run_all("postgres", checks, side);
  ASSERT_EQ(findings.size(), 3u);
  EXPECT_EQ(findings[0].level, Level::unknown);
  EXPECT_EQ(findings[1].level, Level::ok);
  EXPECT_EQ(findings[2].check, "not tried");
  EXPECT_EQ(findings[2].level, Level::unknown);
}

}  // namespace
}  // namespace realtime::preflight
