#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace realtime {

/// FNV-1a, 128 bits: tells texts apart that nobody made to look alike. Not for secrets. A value.
class Hash128 {
 public:
  void add(std::string_view bytes);
  /// The part and its length, so that ("a", "bc") and ("ab", "c") differ.
  void add_part(std::string_view part);
  std::string text() const;  ///< 32 hex digits

 private:
  std::uint64_t high_ = 0x6c62272e07bb0142, low_ = 0x62b821756295c58d;
};

}  // namespace realtime
