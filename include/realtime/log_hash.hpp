#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "realtime/lsn.hpp"

namespace realtime {

/// What PostgreSQL's log is made of just before a position: 128 bits of hash of its bytes. Two servers that
/// were started from one image agree in names, numbers and positions, not in this. A value.
struct LogHash {
  std::uint64_t high = 0, low = 0;
  std::uint32_t bytes = 0;  ///< how many bytes before the position were taken

  bool operator==(const LogHash&) const = default;
};

/// The most bytes that are hashed, and the fewest that tell one log from another.
inline constexpr std::uint32_t kMostLogBytes = 8 * 1024;
inline constexpr std::uint32_t kLeastLogBytes = 1024;

/// How many bytes before `at` are hashed: never those of another segment, which the server may have removed.
/// Below kLeastLogBytes the position has no hash.
inline std::uint32_t log_bytes_before(Lsn at, std::uint64_t segment_bytes) {
  const std::uint64_t in_segment = segment_bytes == 0 ? 0 : at.value % segment_bytes;
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(in_segment, kMostLogBytes));
}

/// 32 hexadecimal digits and back; the number of bytes is not part of it.
std::string to_hex(const LogHash& hash);
std::optional<LogHash> parse_log_hash(std::string_view hex, std::uint32_t bytes);

}  // namespace realtime
