#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace realtime {

/// The length in bytes of the UTF-8 character at the start of `text` (not empty), 0 where there is none: a
/// stray or missing continuation byte, an overlong form, a surrogate, or a value above U+10FFFF (RFC 3629).
/// Pure.
constexpr std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  if (first == 0xE0 && byte(1) < 0xA0) return 0;
  if (first == 0xED && byte(1) > 0x9F) return 0;
  if (first == 0xF0 && byte(1) < 0x90) return 0;
  if (first == 0xF4 && byte(1) > 0x8F) return 0;
  return length;
}

constexpr bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

/// The code point of one whole UTF-8 character (utf8_length). Pure.
constexpr std::uint32_t code_point(std::string_view character) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(character[i]); };
  if (character.size() == 1) return byte(0);
  std::uint32_t value = byte(0) & (0x7Fu >> character.size());
  for (std::size_t i = 1; i < character.size(); ++i) value = value << 6 | (byte(i) & 0x3Fu);
  return value;
}

/// Whether the UTF-8 character is one that a terminal or viewer would obey instead of showing: a control (C0,
/// DEL, C1), one that turns the direction of writing (UAX 9), separates lines or paragraphs, or is invisible
/// (joiners of words, marks of the byte order, annotations, tags).
constexpr bool is_control(std::string_view character) {
  const std::uint32_t c = code_point(character);
  if (c < 0x20 || (c >= 0x7F && c < 0xA0)) return true;
  if (c < 0x061C) return false;
  return c == 0x061C || c == 0x180E || c == 0x200E || c == 0x200F || (c >= 0x2028 && c <= 0x202E) ||
         (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFB) ||
         (c >= 0xE0000 && c <= 0xE007F);
}

}  // namespace realtime
