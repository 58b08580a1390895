#include "pipeline/waiter.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <system_error>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace realtime {

Waiter::Waiter() : event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (event_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

Waiter::~Waiter() {
  close(event_);
}

void Waiter::sleep(int fd, short events, TimePoint until) {
  timespec limit{};
  timespec* timeout = nullptr;
  if (until != TimePoint::max()) {
    const auto left = std::max(until - std::chrono::steady_clock::now(), Duration::zero());
    const auto nanoseconds = std::chrono::duration_cast<std::chrono::nanoseconds>(left).count();
    limit = {static_cast<time_t>(nanoseconds / 1'000'000'000),
             static_cast<long>(nanoseconds % 1'000'000'000)};
    timeout = &limit;
  }
  pollfd descriptors[2] = {{event_, POLLIN, 0}, {fd, events, 0}};
  ppoll(descriptors, fd >= 0 ? 2 : 1, timeout,
        nullptr);  // an interruption by a signal is a wake like any other
  if (descriptors[0].revents != 0) {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto size = read(event_, &count, sizeof count);
  }
}

void Waiter::signal() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto size =
      write(event_, &one, sizeof one);  // full means that it is signalled already
}

}  // namespace realtime
