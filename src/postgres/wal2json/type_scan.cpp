#include "postgres/wal2json/type_scan.hpp"

#include <bit>
#include <cstdint>
#include <cstring>

#include "postgres/decoding/json_text.hpp"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace realtime::postgres {
namespace {

constexpr std::string_view kTypeKey = R"("type":")";
constexpr std::string_view kAfterName = R"(,"value":)";
static_assert(kTypeKey.size() == sizeof(std::uint64_t), "compared as one word");

bool is_type_key(const char* at) {
  return std::memcmp(at, kTypeKey.data(), kTypeKey.size()) == 0;
}

}  // namespace

const char* find_type_name(const char* from, const char* end) {
  constexpr std::ptrdiff_t key = kTypeKey.size();
#ifdef __SSE2__
  // Two letters of the key at their distance from each other: rarely both there by chance.
  const __m128i letter = _mm_set1_epi8('y'), colon = _mm_set1_epi8(':');
  for (; end - from >= 16 + key; from += 16) {
    const __m128i third = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + 2));
    const __m128i seventh = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + 6));
    const __m128i both = _mm_and_si128(_mm_cmpeq_epi8(third, letter), _mm_cmpeq_epi8(seventh, colon));
    for (auto mask = static_cast<std::uint32_t>(_mm_movemask_epi8(both)); mask != 0; mask &= mask - 1) {
      const char* at = from + std::countr_zero(mask);
      if (is_type_key(at)) return at + key - 1;
    }
  }
#endif
  for (; end - from >= key; ++from) {
    if (is_type_key(from)) return from + key - 1;
  }
  return nullptr;
}

bool has_unusual_type_name(std::string_view message) {
  const char* const end = message.data() + message.size();
  const char* at = message.data();
  while ((at = find_type_name(at, end)) != nullptr) {
    at = find_escape(at + 1, end);
    if (at == end || *at != '"') return true;
    ++at;
    if (static_cast<std::size_t>(end - at) < kAfterName.size()) return true;
    if (std::memcmp(at, kAfterName.data(), kAfterName.size()) != 0) return true;
  }
  return false;
}

}  // namespace realtime::postgres
