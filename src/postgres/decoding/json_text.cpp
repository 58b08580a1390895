#include "postgres/decoding/json_text.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace realtime::postgres {
std::size_t write_escape(char* at, char c) {
  static constexpr char kHex[] = "0123456789abcdef";
  *at = '\\';
  switch (c) {
    case '\b':
      at[1] = 'b';
      return 2;
    case '\f':
      at[1] = 'f';
      return 2;
    case '\n':
      at[1] = 'n';
      return 2;
    case '\r':
      at[1] = 'r';
      return 2;
    case '\t':
      at[1] = 't';
      return 2;
    case '"':
    case '\\':
      at[1] = c;
      return 2;
    default:
      break;
  }
  const auto byte = static_cast<unsigned char>(c);
  std::memcpy(at + 1, "u00", 3);
  at[4] = kHex[byte >> 4];
  at[5] = kHex[byte & 15];
  return kLongestEscape;
}

const char* find_escape(const char* at, const char* end) {
#ifdef __SSE2__
  const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\'), control = _mm_set1_epi8(0x1f);
  for (; end - at >= 16; at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i found =
        _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash)),
                     _mm_cmpeq_epi8(_mm_min_epu8(bytes, control), bytes));
    const auto mask = static_cast<std::uint32_t>(_mm_movemask_epi8(found));
    if (mask != 0) return at + std::countr_zero(mask);
  }
#endif
  return std::find_if(at, end, needs_escape);
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  const char* at = text.data();
  const char* const end = at + text.size();
  while (true) {
    const char* const stop = find_escape(at, end);
    out.append(at, stop);
    if (stop == end) break;
    char escape[kLongestEscape];
    out.append(escape, write_escape(escape, *stop));
    at = stop + 1;
  }
  out += '"';
}

void append_type_name(std::string& out, std::string_view name) {
  const bool raw = name.size() >= 2 && name.front() == '"' && name.back() == '"' &&
                   std::none_of(name.begin() + 1, name.end() - 1, needs_escape);
  if (raw) {
    out.append(name);
  } else {
    append_json_string(out, name);
  }
}

}  // namespace realtime::postgres
