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

std::string padded(std::string_view text, std::size_t width) {
  std::string copy(text);
  copy.resize(std::max(width, copy.size()), ' ');
  return copy;
}

std::string number_of(std::size_t number, std::string_view one, std::string_view many) {
  return std::to_string(number) + " " + std::string(number == 1 ? one : many);
}

}  // namespace

std::size_t count(const Findings& findings, Level level) {
  return static_cast<std::size_t>(std::count_if(findings.begin(), findings.end(),
                                                [level](const Finding& one) { return one.level == level; }));
}

std::string text_report(const Config& config, const Findings& findings) {
  std::string text = "Settings\n";
  for (const EffectiveSetting& setting : config.effective) {
    text += "  " + padded(setting.variable, 34) + shown(setting.value) +
            (setting.from_user ? "\n" : "  (default)\n");
  }
  for (const std::string& warning : config.warnings) text += "  warning  " + shown(warning) + "\n";
  std::string_view area;
  for (const Finding& one : findings) {
    if (one.area != area)
      text += "\n" +
              std::string(one.area == "postgres" ? "PostgreSQL"
                          : one.area == "tables" ? "Tables"
                          : one.area == "redis"  ? "Redis"
                                                 : "Positions") +
              "\n";
    area = one.area;
    text += "  " + padded(to_string(one.level), 9) + std::string(one.check) + ": " + shown(one.what);
    if (!one.remedy.empty()) text += "; to mend it: " + shown(one.remedy);
    text += "\n";
  }
  const std::size_t errors = count(findings, Level::error);
  text += "\n" + std::string(errors == 0 ? "ready" : "not ready") + ": " +
          number_of(errors, "error", "errors") + ", " +
          number_of(count(findings, Level::warning) + config.warnings.size(), "warning", "warnings") + ", " +
          std::to_string(count(findings, Level::unknown)) + " unknown\n";
  return text;
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
