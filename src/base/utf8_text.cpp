#include "base/utf8_text.hpp"

#include <algorithm>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/utf8.hpp"

namespace realtime {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

#ifdef __SSE2__
constexpr std::size_t kBlock = 16;
constexpr std::size_t kStride = 4 * kBlock;
constexpr std::size_t kLookBack = 3;  // a character's first byte is at most this far before its last

__m128i bytes_of(unsigned char value) {
  return _mm_set1_epi8(static_cast<char>(value));
}
__m128i at_least(__m128i bytes, unsigned char least) {
  return _mm_cmpeq_epi8(_mm_max_epu8(bytes, bytes_of(least)), bytes);
}
__m128i below(__m128i bytes, unsigned char limit) {
  return _mm_cmpeq_epi8(_mm_min_epu8(bytes, bytes_of(limit - 1)), bytes);
}
__m128i load(const char* at) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
}
/// No byte has its highest bit: no mask is set, or the text is ASCII.
bool is_clear(__m128i bytes) {
  return _mm_movemask_epi8(bytes) == 0;
}

/// Not zero where one of the sixteen bytes at `at` cannot stand behind the three before it, which are read
/// too. What is missing at the end of the sixteen shows in the block that follows.
__m128i wrong_in(const char* at) {
  const __m128i byte = load(at), before = load(at - 1), second = load(at - 2), third = load(at - 3);
  // A continuation byte stands exactly where a longer character's first byte has announced it.
  const __m128i is_continuation = _mm_cmplt_epi8(byte, bytes_of(0xC0));
  const __m128i is_due =
      _mm_or_si128(at_least(before, 0xC0), _mm_or_si128(at_least(second, 0xE0), at_least(third, 0xF0)));
  __m128i wrong = _mm_xor_si128(is_continuation, is_due);
  // Overlong forms of two bytes, and what lies above U+10FFFF.
  wrong = _mm_or_si128(wrong, _mm_cmpeq_epi8(_mm_and_si128(byte, bytes_of(0xFE)), bytes_of(0xC0)));
  wrong = _mm_or_si128(wrong, at_least(byte, 0xF5));
  // Other overlong forms, surrogates, and again what is too high: the second byte tells.
  const auto after = [&](unsigned char first, __m128i second_is) {
    wrong = _mm_or_si128(wrong, _mm_and_si128(_mm_cmpeq_epi8(before, bytes_of(first)), second_is));
  };
  after(0xE0, below(byte, 0xA0));
  after(0xED, at_least(byte, 0xA0));
  after(0xF0, below(byte, 0x90));
  after(0xF4, at_least(byte, 0x90));
  return wrong;
}

/// A piece of at most one block that has no block before or behind it in memory: the text's first bytes, and
/// its last ones with the `before` bytes that they follow.
__m128i wrong_at_edge(const char* at, std::size_t length, std::size_t before) {
  char room[2 * kBlock] = {};
  std::memcpy(room + kBlock - before, at - before, before + length);
  // The zeros behind it make a character that is not whole wrong; a full block leaves that to the next one.
  return wrong_in(room + kBlock);
}
#endif

/// How many bytes at the start of `text`, which is no character, began one.
std::size_t broken_length(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0xC2 || first > 0xF4) return 1;
  const std::size_t whole = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  std::size_t length = 1;
  for (; length < std::min(whole - 1, text.size()); ++length) {
    const auto byte = static_cast<unsigned char>(text[length]);
    const unsigned char least = length > 1 ? 0x80 : first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    const unsigned char most = length > 1 ? 0xBF : first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    if (byte < least || byte > most) break;
  }
  return length;
}

}  // namespace

bool is_utf8_text(std::string_view text) {
#ifdef __SSE2__
  const char* at = text.data();
  const char* const end = at + text.size();
  const auto left = [&] { return static_cast<std::size_t>(end - at); };
  if (text.empty()) return true;
  const std::size_t first = std::min(kBlock, text.size());
  __m128i wrong = wrong_at_edge(at, first, 0);
  at += first;
  if (first < kBlock) return is_clear(wrong);
  bool open = true;  // the bytes before may have announced some of what follows
  for (; left() >= kStride; at += kStride) {
    const __m128i all = _mm_or_si128(_mm_or_si128(load(at), load(at + kBlock)),
                                     _mm_or_si128(load(at + 2 * kBlock), load(at + 3 * kBlock)));
    const bool plain = is_clear(all);
    if (plain && !open) continue;
    wrong = _mm_or_si128(wrong, wrong_in(at));
    open = !plain;
    if (plain) continue;
    for (std::size_t block = kBlock; block < kStride; block += kBlock)
      wrong = _mm_or_si128(wrong, wrong_in(at + block));
  }
  for (; left() >= kBlock; at += kBlock) wrong = _mm_or_si128(wrong, wrong_in(at));
  wrong = _mm_or_si128(wrong, wrong_at_edge(at, left(), kLookBack));
  return is_clear(wrong);
#else
  return is_utf8(text);
#endif
}

std::size_t append_utf8_text(std::string& out, std::string_view text) {
  std::size_t replaced = 0;
  std::size_t plain = 0;  // bytes at the front that are right
  while (plain < text.size()) {
    const std::string_view rest = text.substr(plain);
    if (const std::size_t length = utf8_length(rest); length != 0) {
      plain += length;
      continue;
    }
    out.append(text.substr(0, plain)).append(kReplacement);
    text.remove_prefix(plain + broken_length(rest));
    plain = 0;
    ++replaced;
  }
  out.append(text);
  return replaced;
}

}  // namespace realtime
