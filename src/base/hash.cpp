#include "base/hash.hpp"

#include <cstdio>

namespace realtime {
namespace {

__extension__ using Wide = unsigned __int128;

}  // namespace

void Hash128::add(std::string_view bytes) {
  constexpr Wide kPrime = Wide{1} << 88 | 0x13b;
  Wide state = Wide{high_} << 64 | low_;
  for (const char c : bytes) state = (state ^ static_cast<unsigned char>(c)) * kPrime;
  high_ = static_cast<std::uint64_t>(state >> 64);
  low_ = static_cast<std::uint64_t>(state);
}

void Hash128::add_part(std::string_view part) {
  add(std::to_string(part.size()));
  add(":");
  add(part);
}

std::string Hash128::text() const {
  char digits[33];
  std::snprintf(digits, sizeof digits, "%016llx%016llx", static_cast<unsigned long long>(high_),
                static_cast<unsigned long long>(low_));
  return digits;
}

}  // namespace realtime
