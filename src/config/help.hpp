#pragma once

#include <string>

namespace realtime {

/// Every setting with its default, meaning and bounds, grouped, at most 100 columns wide: the settings part
/// of
/// `--help`. Pure; any thread.
std::string settings_help();

/// The same as Markdown tables, one a group: docs/configuration.md.
std::string settings_markdown();

}  // namespace realtime
