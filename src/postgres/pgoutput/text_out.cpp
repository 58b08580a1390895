#include "postgres/pgoutput/text_out.hpp"

#include <bit>
#include <cstdint>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "postgres/wal2json/json_text.hpp"

namespace realtime::postgres::pgoutput {
namespace {

constexpr std::size_t kBlock = 16;

/// Copies `text` up to the first byte that needs an escape; returns how many bytes that are. `to` has room
/// for them and for a block more.
std::size_t copy_plain(char* to, std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
#ifdef __SSE2__
  const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\'), control = _mm_set1_epi8(0x1f);
  const auto escapes = [&](__m128i bytes) {
    return static_cast<std::uint32_t>(_mm_movemask_epi8(
        _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash)),
                     _mm_cmpeq_epi8(_mm_min_epu8(bytes, control), bytes))));
  };
  for (; static_cast<std::size_t>(end - at) >= kBlock; at += kBlock, to += kBlock) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), bytes);
    if (const std::uint32_t mask = escapes(bytes); mask != 0) {
      return static_cast<std::size_t>(at - text.data()) + static_cast<std::size_t>(std::countr_zero(mask));
    }
  }
  if (end - at >= 8) {
    const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(at));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(to), bytes);
    if (const std::uint32_t mask = escapes(bytes) & 0xff; mask != 0) {
      return static_cast<std::size_t>(at - text.data()) + static_cast<std::size_t>(std::countr_zero(mask));
    }
    at += 8;
    to += 8;
  }
#endif
  for (; at != end && !needs_escape(*at); ++at) *to++ = *at;
  return static_cast<std::size_t>(at - text.data());
}

}  // namespace

void TextOut::append_json_string(std::string_view text) {
  append('"');
  while (true) {
    const std::size_t plain = copy_plain(room(text.size() + kBlock), text);
    used_ += plain;
    if (plain == text.size()) break;
    used_ += write_escape(room(kLongestEscape), text[plain]);
    text.remove_prefix(plain + 1);
  }
  append('"');
}

void TextOut::shift(std::size_t position, std::ptrdiff_t bytes) {
  if (bytes > 0) room(static_cast<std::size_t>(bytes));
  char* const from = text_.data() + position;
  std::memmove(from + bytes, from, used_ - position);
  used_ += static_cast<std::size_t>(bytes);
}

}  // namespace realtime::postgres::pgoutput
