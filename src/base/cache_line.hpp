#pragma once

#include <cstddef>

namespace realtime {

/// Data that different threads write are kept this far apart, so that one's stores do not evict the other's
/// line. A constant and not std::hardware_destructive_interference_size, which g++ warns about in headers.
inline constexpr std::size_t kCacheLine = 64;

}  // namespace realtime
