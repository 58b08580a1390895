#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "realtime/position.hpp"

namespace realtime {

/// What an instance wants to own: one slot, for these queues. Checked settings; a value, constant while the
/// process lives.
struct Claim {
  std::string slot;
  std::string database;
  std::vector<std::string> queues;  ///< names, in the order of the store's queues; at least one
  Filter filter;                    ///< that the settings ask for; its plugin is the slot's
  std::chrono::milliseconds lease{};
  std::size_t most_kept_bytes = std::size_t{16} << 20;  ///< of the stream, while the records are proven
  std::string fingerprint;  ///< of what this instance does: a standby with another one is none

  const std::string& plugin() const { return filter.plugin; }
};

}  // namespace realtime
