#include "postgres/pgoutput/text_out.hpp"

#include <bit>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "postgres/decoding/json_text.hpp"

namespace realtime::postgres::pgoutput {
namespace {

#ifdef __SSE2__
/// A bit for each of sixteen bytes that needs an escape.
std::uint32_t escapes_in(__m128i bytes) {
  const __m128i control = _mm_set1_epi8(0x1f);
  return static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_or_si128(
      _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')), _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'))),
      _mm_cmpeq_epi8(_mm_min_epu8(bytes, control), bytes))));
}
#endif

/// Copies `text` up to the first byte that needs an escape; returns how many bytes that are. `to` has room
/// for them and for a block more.
std::size_t copy_plain(char* to, std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
#ifdef __SSE2__
  for (; static_cast<std::size_t>(end - at) >= TextWriter::kBlock;
       at += TextWriter::kBlock, to += TextWriter::kBlock) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), bytes);
    if (const std::uint32_t mask = escapes_in(bytes); mask != 0) {
      return static_cast<std::size_t>(at - text.data()) + static_cast<std::size_t>(std::countr_zero(mask));
    }
  }
  // The rest of a longer text together with bytes before it, that have been copied: no byte alone.
  if (at != end && text.size() >= TextWriter::kBlock) {
    const std::size_t back = TextWriter::kBlock - static_cast<std::size_t>(end - at);
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at - back));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to - back), bytes);
    const std::uint32_t mask = escapes_in(bytes);
    return mask == 0 ? text.size()
                     : static_cast<std::size_t>(at - text.data()) - back +
                           static_cast<std::size_t>(std::countr_zero(mask));
  }
  if (end - at >= 8) {
    const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(at));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(to), bytes);
    if (const std::uint32_t mask = escapes_in(bytes) & 0xff; mask != 0) {
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

void TextWriter::append_json_string(std::string_view text) {
  *at_++ = '"';
  while (true) {
    const std::size_t plain = copy_plain(at_, text);
    at_ += plain;
    if (plain == text.size()) break;
    at_ += write_escape(at_, text[plain]);
    text.remove_prefix(plain + 1);
  }
  *at_++ = '"';
}

void TextSize::append_json_string(std::string_view text) {
  size_ += 2 + text.size();
  const char* const end = text.data() + text.size();
  char escape[kLongestEscape];
  for (const char* at = find_escape(text.data(), end); at != end; at = find_escape(at + 1, end))
    size_ += write_escape(escape, *at) - 1;
}

}  // namespace realtime::postgres::pgoutput
