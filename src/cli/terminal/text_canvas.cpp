#include "cli/terminal/text_canvas.hpp"

#include <algorithm>

namespace realtime::http {
namespace {

constexpr std::size_t kLeastColumns = 60, kNameColumns = 11;

}  // namespace

TextCanvas::TextCanvas(bool colour, std::size_t columns)
    : colour_(colour), columns_(std::max(columns, kLeastColumns)) {}

std::string TextCanvas::tone(Tone tone, std::string_view text) const {
  constexpr const char* kCodes[] = {"", "1", "2", "32", "33", "31"};
  if (!colour_ || tone == Tone::plain) return std::string(text);
  return std::string("\x1b[") + kCodes[static_cast<std::size_t>(tone)] + "m" + std::string(text) + "\x1b[0m";
}

std::string TextCanvas::bar(Number share, std::size_t columns) const {
  const double filled = share ? std::clamp(*share, 0.0, 1.0) * static_cast<double>(columns) : 0;
  std::string text;
  for (std::size_t i = 0; i < columns; ++i) text += static_cast<double>(i) + 0.5 < filled ? "█" : "░";
  return tone(Tone::good, text);
}

void TextCanvas::row(std::string_view name, std::string_view text) {
  line("  " + tone(Tone::soft, padded(name, kNameColumns)) + std::string(text));
}

void TextCanvas::wrapped(std::string_view text, Tone how) {
  std::string current;
  const auto flush = [&] {
    if (!current.empty()) line("  " + tone(how, current));
    current.clear();
  };
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    if (!current.empty() && columns_of(current) + 1 + columns_of(word) > columns_ - 4) flush();
    if (!current.empty()) current += ' ';
    current += word;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  flush();
}

}  // namespace realtime::http
