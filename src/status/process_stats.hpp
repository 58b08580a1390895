#pragma once

#include <cstdint>
#include <optional>

namespace realtime {

/// What the kernel says of this process (proc(5)); each by itself may be missing, where /proc is not mounted.
/// Any thread may read; a few microseconds, no errors.
struct ProcessStats {
  std::optional<double> cpu_seconds;
  std::optional<double> start_time_seconds;  ///< since 1970-01-01
  std::optional<std::uint64_t> resident_bytes, virtual_bytes, open_fds, max_fds, threads;
};

ProcessStats read_process_stats();

}  // namespace realtime
