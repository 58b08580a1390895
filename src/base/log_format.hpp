#pragma once

#include <chrono>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/log.hpp"

namespace realtime::log {

/// How much of a line is written; the rest of an overlong text gives way to an ellipsis. In escaped bytes.
inline constexpr std::size_t kMaxMessage = 8 * 1024;
inline constexpr std::size_t kMaxField = 4 * 1024;
inline constexpr std::size_t kMaxLine = 64 * 1024;  ///< fields that would go beyond it are left out

/// One JSON object, no newline. Always valid UTF-8 and valid JSON, whatever the texts hold: what is not UTF-8
/// becomes U+FFFD, control characters are escaped. Pure; any thread.
std::string json_line(std::chrono::system_clock::time_point time, Level level, std::string_view message,
                      std::initializer_list<Field> fields);

/// "message  name=value name2=\"two words\"", no newline, no control characters. Pure; any thread.
std::string readable_text(std::string_view message, std::initializer_list<Field> fields);

/// Appends `text` as the inside of a JSON string, at most `limit` bytes.
void append_json_text(std::string& line, std::string_view text, std::size_t limit);

std::string_view to_string(Level level);

}  // namespace realtime::log
