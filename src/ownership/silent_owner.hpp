#pragma once

#include <algorithm>
#include <optional>

#include "realtime/lsn.hpp"

#include "base/clock.hpp"

namespace realtime {

/// Decides when a standby asks PostgreSQL to end an owner's walsender.
///
/// A walsender frees the slot of a silent client by itself, wherever it waits; but not while it decodes
/// without a pause: a long transaction of unmonitored tables, with a client that is dead or frozen meanwhile.
/// So the walsender must not wait and the slot not move at any look for the whole lease, and the owner's
/// other connection, over which it asks something every few seconds, be silent for as long or gone. A second
/// call follows after as long again, because a walsender whose client does not read may need one.
///
/// Pure: the caller brings time and signs. One thread.
class SilentOwner {
 public:
  explicit SilentOwner(Duration lease) : patience_(std::max(lease, kLeast)) {}

  struct Signs {
    int pid = 0;
    bool waits = false;  ///< the walsender waits, and looks at the time itself
    Lsn confirmed;
    std::optional<Duration> companion_silence;  ///< none: there is no other connection
  };
  /// True: end it now.
  bool is_overdue(const Signs& signs, TimePoint now);

 private:
  /// More than twice what an owner that is well may take from one question to the next.
  static constexpr Duration kLeast = std::chrono::seconds(6);

  const Duration patience_;
  int pid_ = 0;
  Lsn confirmed_;
  TimePoint since_{};
};

}  // namespace realtime
