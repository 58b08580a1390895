#pragma once

#include "base/clock.hpp"

namespace realtime {

/// SIGTERM, SIGINT and SIGHUP as a descriptor that turns readable, and stays so: whatever waits can wait for
/// it too. A second signal ends the process at once. SIGPIPE is ignored. One per process; make it before
/// other threads start.
class StopSignal {
 public:
  StopSignal();
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  int fd() const;
  /// As if a signal had come (the service ends by itself). Any thread.
  void raise() const;
  bool is_set() const;
  /// Waits until the signal comes or `until`; true: it came. Any thread.
  bool wait_until(TimePoint until) const;
  /// As above, but comes back early where there is something to read of `fd` (-1: of none).
  bool wait_until(TimePoint until, int fd) const;
};

}  // namespace realtime
