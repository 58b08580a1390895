#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.hpp"
#include "redis/client.hpp"

namespace realtime {

/// Says in the log when Redis throws away keys of any kind for want of memory: a queue that is gone with its
/// messages looks like one whose consumer was fast, so nobody else would tell. Positions that go are noticed
/// by the writers. Where the user may not ask, nothing is said. One thread.
class EvictionWatch {
 public:
  /// Asks at most every few seconds; waits for Redis as `client` does.
  void look(redis::Client& client, TimePoint now);

 private:
  std::optional<std::uint64_t> seen_;  ///< evicted_keys when it was asked last
  TimePoint next_{};
};

}  // namespace realtime
