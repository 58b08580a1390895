#include "check/report.hpp"

#include <algorithm>

#include "base/log_format.hpp"
#include "base/text.hpp"

namespace realtime::preflight {
namespace {

constexpr std::size_t kMostBytes = 4096;  // of one text

std::string json_text(std::string_view text) {
  std::string json = "\"";
  log::append_json_text(json, text, kMostBytes);
  return json += '"';
}

}  // namespace

std::size_t count(const Findings& findings, Level level) {
  return static_cast<std::size_t>(std::count_if(findings.begin(), findings.end(),
                                                [level](const Finding& one) { return one.level == level; }));
}

std::string json_report(const Config& config, const Findings& findings) {
  const std::size_t errors = count(findings, Level::error);
  std::string json = std::string("{\"ok\":") + (errors == 0 ? "true" : "false") +
                     ",\"errors\":" + std::to_string(errors) +
                     ",\"warnings\":" + std::to_string(count(findings, Level::warning)) +
                     ",\"unknown\":" + std::to_string(count(findings, Level::unknown)) + ",\"settings\":[";
  std::string_view comma;
  for (const EffectiveSetting& setting : config.effective) {
    json += std::string(comma) + "{\"name\":" + json_text(setting.variable) +
            ",\"value\":" + json_text(setting.value) +
            ",\"default\":" + (setting.from_user ? "false" : "true") + "}";
    comma = ",";
  }
  json += "],\"warnings_of_settings\":[";
  comma = "";
  for (const std::string& warning : config.warnings) {
    json += std::string(comma) + json_text(warning);
    comma = ",";
  }
  json += "],\"findings\":[";
  comma = "";
  for (const Finding& one : findings) {
    json += std::string(comma) + "{\"area\":" + json_text(one.area) + ",\"check\":" + json_text(one.check) +
            ",\"level\":" + json_text(to_string(one.level)) + ",\"what\":" + json_text(one.what) +
            ",\"remedy\":" + (one.remedy.empty() ? std::string("null") : json_text(one.remedy)) + "}";
    comma = ",";
  }
  return json += "]}\n";
}

}  // namespace realtime::preflight
