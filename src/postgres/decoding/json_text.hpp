#pragma once

#include <string>
#include <string_view>

namespace realtime::postgres {

/// What a JSON string cannot hold as it is: quotes, backslashes, control characters.
inline bool needs_escape(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
}

/// Writes the escape of such a character at `at`, at most kLongestEscape bytes; returns how many.
inline constexpr std::size_t kLongestEscape = 6;
std::size_t write_escape(char* at, char c);

/// The first byte at or after `at` that a JSON string cannot hold as it is, or `end`. Any thread.
const char* find_escape(const char* at, const char* end);

/// Appends `text` as PostgreSQL's escape_json writes it, quotes included: \b \f \n \r \t \" \\, other control
/// characters as \u00XX, every other byte as it is. Any thread.
void append_json_string(std::string& out, std::string_view text);

/// Appends a type name, as format_type gives it, as wal2json writes it: a JSON string. wal2json takes a name
/// that begins with a quote, and is not an array's, for one that is quoted already and writes it raw. Where
/// that happens to be a JSON string ("My Type") it stays so; where it does not ("My Schema".t, "a""b")
/// wal2json writes invalid JSON, and we write the whole name escaped.
void append_type_name(std::string& out, std::string_view name);

}  // namespace realtime::postgres
