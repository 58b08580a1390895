#include "config/units.hpp"

#include <charconv>
#include <limits>
#include <utility>

namespace realtime {
namespace {

constexpr std::pair<std::string_view, std::uint64_t> kSizes[] = {
    {"GiB", std::uint64_t{1} << 30}, {"MiB", std::uint64_t{1} << 20}, {"KiB", std::uint64_t{1} << 10}};
constexpr std::pair<std::string_view, std::uint64_t> kDurations[] = {{"ms", 1}, {"s", 1000}};

template <typename Units>
std::optional<std::uint64_t> with_unit(std::string_view text, const Units& units) {
  for (const auto& [unit, factor] : units) {
    if (!text.ends_with(unit)) continue;
    const auto number = parse_count(text.substr(0, text.size() - unit.size()));
    if (!number || *number > std::numeric_limits<std::uint64_t>::max() / factor) return std::nullopt;
    return *number * factor;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::uint64_t> parse_count(std::string_view text) {
  if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  std::uint64_t value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || stop != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  const auto bytes = parse_count(text);
  return bytes ? bytes : with_unit(text, kSizes);
}

std::optional<std::uint64_t> parse_duration(std::string_view text) {
  return with_unit(text, kDurations);
}

std::optional<bool> parse_boolean(std::string_view text) {
  if (text == "true" || text == "1") return true;
  if (text == "false" || text == "0") return false;
  return std::nullopt;
}

std::string size_text(std::uint64_t bytes) {
  for (const auto& [unit, factor] : kSizes) {
    if (bytes != 0 && bytes % factor == 0) return std::to_string(bytes / factor) + std::string(unit);
  }
  return std::to_string(bytes);
}

std::string duration_text(std::uint64_t milliseconds) {
  if (milliseconds % 1000 == 0) return std::to_string(milliseconds / 1000) + "s";
  return std::to_string(milliseconds) + "ms";
}

}  // namespace realtime
