#pragma once

#include <cstdio>
#include <cstdlib>

/// An invariant of our own that must hold in production too. A broken one ends the process at once: a restart
/// resumes from the records, a wrong step could not be taken back (ARCHITECTURE.md, invariants).
#define RT_CHECK(condition, why)                                                                         \
  do {                                                                                                   \
    if (!(condition)) [[unlikely]] {                                                                     \
      std::fprintf(stderr, "invariant broken: %s (%s) at %s:%d\n", #condition, why, __FILE__, __LINE__); \
      std::abort();                                                                                      \
    }                                                                                                    \
  } while (false)
