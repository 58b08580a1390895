#pragma once

#include <cstdint>

namespace realtime::bench {

/// What the process has asked malloc for: operator new, the libraries and RapidJSON all come to it.
struct Allocations {
  std::uint64_t calls = 0;
  std::uint64_t bytes = 0;

  Allocations operator-(const Allocations& before) const {
    return {calls - before.calls, bytes - before.bytes};
  }
};

/// Since the program began. Any thread.
Allocations allocations();

}  // namespace realtime::bench
