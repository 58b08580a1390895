#include "base/stop_signal.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <system_error>

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/check.hpp"

namespace realtime {
namespace {

// What a signal handler may touch.
int stop_event = -1;
std::atomic<int> signals_seen{0};  // lock-free; relaxed: counts only
static_assert(std::atomic<int>::is_always_lock_free);

void on_signal(int) {
  if (signals_seen.fetch_add(1, std::memory_order_relaxed) > 0) _exit(1);
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto size = write(stop_event, &one, sizeof one);
}

}  // namespace

StopSignal::StopSignal() {
  RT_CHECK(stop_event < 0, "one stop signal per process");
  stop_event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (stop_event < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  struct sigaction action {};
  action.sa_handler = on_signal;
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaction(number, &action, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

StopSignal::~StopSignal() {
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) signal(number, SIG_DFL);
  close(stop_event);
  stop_event = -1;
}

void StopSignal::raise() const {
  int none = 0;
  signals_seen.compare_exchange_strong(none, 1, std::memory_order_relaxed);
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto size = write(stop_event, &one, sizeof one);
}

int StopSignal::fd() const {
  return stop_event;
}

bool StopSignal::is_set() const {
  return signals_seen.load(std::memory_order_relaxed) > 0;
}

bool StopSignal::wait_until(TimePoint until) const {
  return wait_until(until, -1);
}

bool StopSignal::wait_until(TimePoint until, int fd) const {
  while (!is_set()) {
    const auto left = until - std::chrono::steady_clock::now();
    if (left <= Duration::zero()) return false;
    const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(left).count();
    pollfd descriptors[2] = {{stop_event, POLLIN, 0}, {fd, POLLIN, 0}};
    poll(descriptors, 2, static_cast<int>(std::min<std::int64_t>(milliseconds, 60'000)));
    if (descriptors[1].revents != 0) return is_set();
  }
  return true;
}

}  // namespace realtime
