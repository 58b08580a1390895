#pragma once

#include <string>

#include "realtime/result.hpp"

namespace realtime {

inline constexpr std::size_t kMaxSecret =
    64 * 1024;  ///< bytes; tokens of cloud providers have a few thousand

/// The password that a file holds, without one newline at its end. Call it at every connect: the file may be
/// rotated at any time. An error is of `kind` (what the caller does about a missing password), names the
/// path (shown_path), and never shows the content; the log and HTTP are told to keep it out. Regular files only; never blocks on a pipe. Any thread.
Result<std::string> read_secret(const std::string& path, ErrorKind kind);

}  // namespace realtime
