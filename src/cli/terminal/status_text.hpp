#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace realtime::http {

struct ScreenOptions {
  bool colour = false;       ///< ANSI colours: only for a terminal
  std::size_t columns = 80;  ///< lines are kept within, where names allow; at least 60
};

/// The answer of GET /status as a screen for a person, ending in a line feed; none where the text is not such
/// an answer. The text is hostile until checked: any JSON of any shape is taken, what is missing is a dash,
/// and no control character of it reaches the terminal. Pure.
std::optional<std::string> status_screen(std::string_view status_json, const ScreenOptions& options = {});

}  // namespace realtime::http
