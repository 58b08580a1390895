#pragma once

#include <string>
#include <string_view>

namespace realtime::postgres {

/// The first byte at or after `at` that a JSON string cannot hold as it is (a quote, a backslash, a control
/// character), or `end`. Any thread.
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
