#include "base/text.hpp"

#include <cstdio>

#include "base/utf8.hpp"

namespace realtime {
namespace {

std::string with_unit(double value, const char* unit) {
  char text[48];
  std::snprintf(text, sizeof text, value < 10 ? "%.1f %s" : "%.0f %s", value, unit);
  return text;
}

std::string doubled(std::string_view text, char quote) {
  std::string copy(1, quote);
  for (const char c : text) {
    if (c == quote) copy += quote;
    copy += c;
  }
  return copy += quote;
}

}  // namespace

std::string bytes_words(std::uint64_t bytes) {
  constexpr const char* kUnits[] = {"KiB", "MiB", "GiB", "TiB", "PiB"};
  if (bytes < 1024) return std::to_string(bytes) + " bytes";
  double value = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  for (; value >= 1024 && unit + 1 < std::size(kUnits); ++unit) value /= 1024;
  return with_unit(value, kUnits[unit]);
}

std::string time_words(std::chrono::seconds time) {
  const auto seconds = static_cast<double>(time.count());
  if (seconds < 120) return std::to_string(time.count()) + " s";
  if (seconds < 7200) return with_unit(seconds / 60, "min");
  if (seconds < 2 * 86400) return with_unit(seconds / 3600, "h");
  return with_unit(seconds / 86400, "days");
}

std::string joined(const std::vector<std::string>& texts, std::string_view between) {
  std::string all;
  for (const std::string& text : texts) {
    if (!all.empty()) all += between;
    all += text;
  }
  return all;
}

std::string in_quotes(std::string_view text) {
  return "\"" + std::string(text) + "\"";
}
std::string sql_name(std::string_view name) {
  return doubled(name, '"');
}
std::string sql_text(std::string_view text) {
  return doubled(text, '\'');
}

bool is_local(std::string_view host) {
  return host.empty() || host.starts_with('/') || host == "localhost" || host.starts_with("127.") ||
         host == "::1";
}

std::string shown(std::string_view text) {
  std::string copy;
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const std::string_view one = text.substr(0, length == 0 ? 1 : length);
    if (length == 0 || is_control(one)) {
      copy += '?';
    } else {
      copy += one;
    }
    text.remove_prefix(one.size());
  }
  return copy;
}

}  // namespace realtime
