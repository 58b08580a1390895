#pragma once

#include <string>

#include "realtime/result.hpp"

#include "cli/status_target.hpp"

namespace realtime::cli {

/// What the instance says of itself, as JSON; an error where none answers in full.
Result<std::string> ask_status(const StatusTarget& target);

/// The same as one screen for this terminal; an error says why there is none.
Result<std::string> draw_status(const StatusTarget& target);

/// Draws it anew every second, cut to the terminal's height, until a signal, `q`, or the end of the terminal.
/// Gives the exit code.
int watch_status(const StatusTarget& target);

}  // namespace realtime::cli
