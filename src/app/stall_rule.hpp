#pragma once

#include <chrono>
#include <map>
#include <span>
#include <string>

#include "base/clock.hpp"
#include "pipeline/pulse.hpp"

namespace realtime {

/// Says which of the things that should move has not moved for its limit: a restart would help. Looked at
/// every few seconds; after a longer pause (the whole process was frozen) all limits begin anew. One thread.
class StallRule {
 public:
  /// The words for the first of them that stands still; empty: all is well.
  std::string look(std::span<const Pulse> pulses, TimePoint now);

 private:
  struct Seen {
    std::uint64_t moves = 0;
    TimePoint since{};  ///< due, and no move since then
    TimePoint looked{};
  };
  std::map<std::string, Seen> seen_;  ///< by name
};

}  // namespace realtime
