#include "net/wait_for_socket.hpp"

#include <algorithm>
#include <cerrno>

#include <poll.h>

namespace realtime::net {

Woken wait_for_socket(int fd, bool for_read, bool for_write, int stop_fd,
                      std::optional<std::chrono::steady_clock::time_point> until) {
  using namespace std::chrono;
  constexpr milliseconds kLongest{60'000};
  for (;;) {
    milliseconds left = kLongest;
    if (until) left = std::clamp(ceil<milliseconds>(*until - steady_clock::now()), milliseconds{0}, kLongest);
    pollfd polled[2] = {{fd, static_cast<short>((for_read ? POLLIN : 0) | (for_write ? POLLOUT : 0)), 0},
                        {stop_fd, POLLIN, 0}};
    const int ready = ::poll(polled, 2, static_cast<int>(left.count()));
    if (ready < 0 && errno != EINTR) return Woken::late;
    if (ready > 0 && polled[1].revents != 0) return Woken::stopped;
    if (ready > 0 && polled[0].revents != 0) return Woken::ready;
    if (until && steady_clock::now() >= *until) return Woken::late;
  }
}

}  // namespace realtime::net
