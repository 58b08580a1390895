#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace realtime {

/// Pure; any thread.
std::string bytes_words(std::uint64_t bytes);       ///< "512 bytes", "1.5 GiB"
std::string time_words(std::chrono::seconds time);  ///< "45 s", "12 min", "3.5 h", "9 days"
std::string joined(const std::vector<std::string>& texts, std::string_view between);
std::string in_quotes(std::string_view text);  ///< "text", as it stands in a sentence

/// An SQL identifier or literal for a statement that a person copies.
std::string sql_name(std::string_view name);  ///< "a""b"
std::string sql_text(std::string_view text);  ///< 'it''s'

/// Whether the host is this machine: a socket's directory, a loopback address, localhost.
bool is_local(std::string_view host);

/// What a terminal may show: valid UTF-8 without controls.
std::string shown(std::string_view text);

}  // namespace realtime
