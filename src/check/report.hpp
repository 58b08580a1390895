#pragma once

#include <string>

#include "check/finding.hpp"
#include "config/config.hpp"

namespace realtime::preflight {

/// How many findings are of this level. Pure.
std::size_t count(const Findings& findings, Level level);

/// How the report for a person is written.
struct ReportStyle {
  bool colour = false;
  std::size_t columns = 0;  ///< lines are broken at this width; 0: one line a finding, however long
  bool quiet = false;       ///< only errors and warnings
};

/// For a person: every setting, every finding with its fix, the errors once more, and a sum. Pure.
std::string text_report(const Config& config, const Findings& findings, const ReportStyle& style = {});

/// One JSON object: {"ok", "errors", "warnings", "unknown", "settings": [{"name", "value", "default"}],
/// "warnings_of_settings": [text], "findings": [{"area", "check", "level", "what", "remedy"}]}. Pure.
std::string json_report(const Config& config, const Findings& findings);

}  // namespace realtime::preflight
