#include "base/log_format.hpp"

#include <cstdio>
#include <ctime>

#include "base/utf8.hpp"

namespace realtime::log {
namespace {

constexpr std::string_view kEllipsis = "…";
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD
constexpr std::size_t kMaxName = 64;

/// As JSON escapes it; what is above U+FFFF as its two surrogates.
std::string hex_escape(std::string_view control) {
  const std::uint32_t value = code_point(control);
  char text[16];
  if (value > 0xFFFF) {
    std::snprintf(text, sizeof text, "\\u%04x\\u%04x", 0xD7C0u + (value >> 10), 0xDC00u + (value & 0x3FFu));
  } else {
    std::snprintf(text, sizeof text, "\\u%04x", value);
  }
  return text;
}

std::string escaped(std::string_view character) {
  switch (character[0]) {
    case '"':
      return "\\\"";
    case '\\':
      return "\\\\";
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    default:
      return is_control(character) ? hex_escape(character) : std::string(character);
  }
}

/// RFC 3339, UTC, milliseconds.
std::string timestamp(std::chrono::system_clock::time_point time) {
  using namespace std::chrono;
  const auto ms = floor<milliseconds>(time.time_since_epoch());
  const auto s = floor<seconds>(ms);
  const std::time_t seconds_since_epoch = s.count();
  std::tm utc{};
  gmtime_r(&seconds_since_epoch, &utc);
  char text[80];
  std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", utc.tm_year + 1900, utc.tm_mon + 1,
                utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, static_cast<int>((ms - s).count()));
  return text;
}

/// A number as JSON knows it (RFC 8259, section 6): no NaN, no leading zero or plus.
bool is_json_number(std::string_view text) {
  const auto digits = [&] {
    std::size_t n = 0;
    while (n < text.size() && text[n] >= '0' && text[n] <= '9') ++n;
    text.remove_prefix(n);
    return n;
  };
  if (text.size() > kMaxName) return false;
  if (text.starts_with('-')) text.remove_prefix(1);
  if (text.starts_with('0') && text.size() > 1 && text[1] >= '0' && text[1] <= '9') return false;
  if (digits() == 0) return false;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    if (digits() == 0) return false;
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
    if (digits() == 0) return false;
  }
  return text.empty();
}

}  // namespace

std::string_view to_string(Level level) {
  constexpr std::string_view names[] = {"trace", "debug", "info", "warn", "error"};
  return names[static_cast<std::size_t>(level)];
}

void append_json_text(std::string& line, std::string_view text, std::size_t limit) {
  const std::size_t end = line.size() + limit - kEllipsis.size();
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const std::string piece = length == 0 ? std::string(kReplacement) : escaped(text.substr(0, length));
    if (line.size() + piece.size() > end) {
      line += kEllipsis;
      return;
    }
    line += piece;
    text.remove_prefix(length == 0 ? 1 : length);
  }
}

std::string json_line(std::chrono::system_clock::time_point time, Level level, std::string_view message,
                      std::initializer_list<Field> fields) {
  std::string line = "{\"time\":\"" + timestamp(time) + "\",\"level\":\"" + std::string(to_string(level)) +
                     "\",\"message\":\"";
  append_json_text(line, message, kMaxMessage);
  line += '"';
  for (const Field& field : fields) {
    if (line.size() + kMaxField + kMaxName + 64 > kMaxLine) {
      line += ",\"cut\":true";
      break;
    }
    line += ",\"";
    append_json_text(line, field.name, kMaxName);
    line += "\":";
    if (field.number && is_json_number(field.value)) {
      line += field.value;
    } else {
      line += '"';
      append_json_text(line, field.value, kMaxField);
      line += '"';
    }
  }
  line += '}';
  return line;
}

std::string readable_text(std::string_view message, std::initializer_list<Field> fields) {
  std::string line;
  append_json_text(line, message, kMaxMessage);
  for (std::string_view separator = "  "; const Field& field : fields) {
    if (line.size() + kMaxField + kMaxName + 64 > kMaxLine) {
      line += " …";
      break;
    }
    line += separator;
    append_json_text(line, field.name, kMaxName);
    line += '=';
    const bool quote = field.value.empty() || field.value.find_first_of(" =\"") != std::string::npos;
    if (quote) line += '"';
    append_json_text(line, field.value, kMaxField);
    if (quote) line += '"';
    separator = " ";
  }
  return line;
}

}  // namespace realtime::log
