#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/clock.hpp"

namespace realtime {

/// One look at something that should move while it has work: a stage, all of them together, the main thread.
/// A value.
struct Pulse {
  std::string name;
  std::uint64_t moves = 0;                    ///< grows while it moves
  bool is_due = false;                        ///< it is inside a step, or has work
  Duration limit = std::chrono::seconds(60);  ///< how long it may be due without a move
};

}  // namespace realtime
