#include "cli/terminal/human.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>

#include "base/utf8.hpp"

namespace realtime::http {
namespace {

constexpr const char* kDash = "—";
constexpr const char* kReplacement = "\xEF\xBF\xBD";
constexpr double kLargest = 1e18;  // beyond it a number from outside is nonsense, and no integer

bool known(Number x) {
  return x && std::isfinite(*x) && std::abs(*x) < kLargest;
}

/// Three digits that count: 0.25, 1.28, 43.1, 680.
std::string three(double x) {
  const double size = std::abs(x);
  const int places = size == 0 || size >= 99.95 ? 0 : size >= 9.995 ? 1 : size >= 0.9995 ? 2 : 3;
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", places, x);
  std::string out = text;
  if (places > 0) out.erase(out.find_last_not_of('0') + 1);
  if (out.ends_with('.')) out.pop_back();
  return out;
}

std::string grouped(double x) {
  std::string text = std::to_string(static_cast<std::int64_t>(std::round(x)));
  for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > (x < 0 ? 1 : 0); at -= 3) {
    text.insert(static_cast<std::size_t>(at), 1, ',');
  }
  return text;
}

}  // namespace

std::string human_count(Number x) {
  return known(x) ? grouped(*x) : kDash;
}
std::string human_rate(Number x) {
  return !known(x) ? kDash : *x >= 1000 ? grouped(*x) : three(*x < 0.05 ? 0 : *x);
}
std::string human_percent(Number x) {
  return known(x) ? grouped(*x * 100) + " %" : kDash;
}

std::string human_bytes(Number x) {
  if (!known(x)) return kDash;
  constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  double value = *x;
  std::size_t unit = 0;
  for (; std::abs(value) >= 1000 && unit + 1 < std::size(kUnits); ++unit) value /= 1024;
  return (unit == 0 ? grouped(value) : three(value)) + " " + kUnits[unit];
}

std::string human_latency(Number s) {
  if (!known(s)) return kDash;
  if (*s < 0.001) return grouped(std::max(1.0, *s * 1e6)) + " µs";
  return *s < 1 ? three(*s * 1e3) + " ms" : human_duration(s);
}

std::string human_duration(Number s) {
  if (!known(s)) return kDash;
  if (*s < 10) return three(std::max(0.0, std::round(*s * 10) / 10)) + " s";
  constexpr std::pair<std::int64_t, const char*> kParts[] = {
      {86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
  const auto whole = static_cast<std::int64_t>(std::round(*s));
  std::size_t at = 0;
  while (whole < kParts[at].first) ++at;
  std::string text = grouped(static_cast<double>(whole / kParts[at].first)) + " " + kParts[at].second;
  if (at == 3) return text;
  const std::int64_t rest = whole % kParts[at].first / kParts[at + 1].first;
  return rest == 0 ? text : text + " " + std::to_string(rest) + " " + kParts[at + 1].second;
}

std::string harmless(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const std::string_view character = text.substr(0, std::max<std::size_t>(length, 1));
    out += length == 0 || is_control(character) ? std::string_view(kReplacement) : character;
    text.remove_prefix(character.size());
  }
  return out;
}

std::size_t columns_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string padded(std::string_view text, std::size_t columns, bool right) {
  std::string out{text};
  if (columns_of(out) > columns) {
    while (!out.empty() &&
           columns_of(out) + 1 > columns) {  // whole characters, and one column for the ellipsis
      while (!out.empty() && (static_cast<unsigned char>(out.back()) & 0xC0) == 0x80) out.pop_back();
      if (!out.empty()) out.pop_back();
    }
    out += "…";
  }
  const std::string space(columns - std::min(columns, columns_of(out)), ' ');
  return right ? space + out : out + space;
}

}  // namespace realtime::http
