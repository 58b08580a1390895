#pragma once

#include <charconv>
#include <compare>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

namespace realtime {

/// A log sequence number: a byte position in PostgreSQL's write-ahead log, written "16/B374D848"
/// (PostgreSQL documentation, "pg_lsn Type"). A value; zero is "no position".
struct Lsn {
  std::uint64_t value = 0;

  constexpr auto operator<=>(const Lsn&) const = default;
  constexpr explicit operator bool() const { return value != 0; }
};

inline std::string to_string(Lsn lsn) {
  char text[24];
  const int length = std::snprintf(text, sizeof text, "%X/%X", static_cast<unsigned>(lsn.value >> 32),
                                   static_cast<unsigned>(lsn.value & 0xFFFFFFFFu));
  return {text, static_cast<std::size_t>(length)};
}

/// Reads "16/B374D848"; nothing else is accepted, neither space nor sign.
inline std::optional<Lsn> parse_lsn(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == text.size()) return std::nullopt;
  const auto half = [](std::string_view digits) -> std::optional<std::uint64_t> {
    std::uint32_t value = 0;
    const char* end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, value, 16);
    if (error != std::errc{} || stop != end) return std::nullopt;
    return value;
  };
  const auto high = half(text.substr(0, slash));
  const auto low = half(text.substr(slash + 1));
  if (!high || !low) return std::nullopt;
  return Lsn{*high << 32 | *low};
}

}  // namespace realtime
