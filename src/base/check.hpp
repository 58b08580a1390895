#pragma once

#include <cstdio>
#include <cstdlib>

#include <poll.h>
#include <unistd.h>

namespace realtime {

/// Says it on standard error, as far as that takes it at once (it may be a pipe that nobody reads), and ends
/// the process. The log's thread gets a moment for what was said before.
[[noreturn]] inline void end_broken(const char* condition, const char* why, const char* file, int line) {
  char text[512];
  const int size =
      std::snprintf(text, sizeof text, "invariant broken: %s (%s) at %s:%d\n", condition, why, file, line);
  pollfd out{STDERR_FILENO, POLLOUT, 0};
  if (size > 0 && ::poll(&out, 1, 0) > 0) {
    const auto length =
        static_cast<std::size_t>(size) < sizeof text ? static_cast<std::size_t>(size) : sizeof text - 1;
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text, length);
  }
  ::usleep(50'000);
  std::abort();
}

}  // namespace realtime

/// An invariant of our own that must hold in production too. A broken one ends the process at once: a restart
/// resumes from the records, a wrong step could not be taken back (ARCHITECTURE.md, invariants).
#define RT_CHECK(condition, why)                                   \
  do {                                                             \
    if (!(condition)) [[unlikely]] {                               \
      ::realtime::end_broken(#condition, why, __FILE__, __LINE__); \
    }                                                              \
  } while (false)
