#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace realtime {

/// Numbers with units as settings write them. Nothing else is accepted: no sign, space, fraction, or other
/// case; a number too large for 64 bits is refused, not cut. Pure; any thread.
std::optional<std::uint64_t> parse_count(std::string_view text);  ///< "16"
std::optional<std::uint64_t> parse_size(std::string_view text);   ///< "4096", "16MiB" (KiB, MiB, GiB): bytes
std::optional<std::uint64_t> parse_duration(std::string_view text);  ///< "250ms", "10s": milliseconds
std::optional<bool> parse_boolean(std::string_view text);            ///< "true", "false", "1", "0"

std::string size_text(std::uint64_t bytes);             ///< the shortest way to write it: "16MiB"
std::string duration_text(std::uint64_t milliseconds);  ///< "10s", "250ms"

}  // namespace realtime
