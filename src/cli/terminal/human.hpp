#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace realtime::http {

// Numbers and texts for people at a terminal, in the words of the page. Pure; what is not known is a dash.
using Number = std::optional<double>;

std::string human_count(Number x);     ///< "48,211,306"
std::string human_rate(Number x);      ///< "0.25", "61,402"
std::string human_bytes(Number x);     ///< "8.79 KiB"
std::string human_latency(Number s);   ///< "386 µs", "1.28 ms", "2.5 s"
std::string human_duration(Number s);  ///< "14 s", "2 min 14 s", "1 d 7 h"
std::string human_percent(Number x);   ///< of a share: "62 %"

/// A text from outside as a terminal may show it: what a terminal would obey, and what is not UTF-8, becomes
/// U+FFFD.
std::string harmless(std::string_view text);
/// Columns that a text takes, one a character.
std::size_t columns_of(std::string_view text);
/// Cut or filled up to so many columns; at the right where `right`.
std::string padded(std::string_view text, std::size_t columns, bool right = false);

}  // namespace realtime::http
