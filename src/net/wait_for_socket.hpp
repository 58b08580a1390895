#pragma once

#include <chrono>
#include <optional>

namespace realtime::net {

enum class Woken { ready, stopped, late };

/// Waits until `fd` can be read (or written, where `for_write`), until `stop_fd` is readable, or until the
/// time is over (none: for ever). -1 is no descriptor. Any thread.
Woken wait_for_socket(int fd, bool for_read, bool for_write, int stop_fd,
                      std::optional<std::chrono::steady_clock::time_point> until);

}  // namespace realtime::net
