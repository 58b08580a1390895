#pragma once

#include <string>

#include "check/finding.hpp"
#include "config/config.hpp"

namespace realtime::preflight {

/// How many findings are of this level. Pure.
std::size_t count(const Findings& findings, Level level);

/// For a person: every setting, every finding in one line with the statement that mends it, and a sum. Pure.
std::string text_report(const Config& config, const Findings& findings);

/// One JSON object: {"ok", "errors", "warnings", "unknown", "settings": [{"name", "value", "default"}],
/// "warnings_of_settings": [text], "findings": [{"area", "check", "level", "what", "remedy"}]}. Pure.
std::string json_report(const Config& config, const Findings& findings);

}  // namespace realtime::preflight
