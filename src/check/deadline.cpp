#include "check/deadline.hpp"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/check.hpp"

namespace realtime::preflight {

Deadline::Deadline(std::chrono::milliseconds limit, int stop_fd)
    : timer_(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)),
      epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  RT_CHECK(timer_ >= 0 && epoll_ >= 0, "no descriptors left");
  itimerspec when{};
  when.it_value.tv_sec = limit.count() / 1000;
  when.it_value.tv_nsec = limit.count() % 1000 * 1'000'000 + 1;  // 0 would never come
  timerfd_settime(timer_, 0, &when, nullptr);
  epoll_event event{};
  event.events = EPOLLIN;
  epoll_ctl(epoll_, EPOLL_CTL_ADD, timer_, &event);
  if (stop_fd >= 0) epoll_ctl(epoll_, EPOLL_CTL_ADD, stop_fd, &event);
}

Deadline::~Deadline() {
  close(epoll_);
  close(timer_);
}

bool Deadline::is_over() const {
  return wait_for(std::chrono::milliseconds(0));
}

bool Deadline::wait_for(std::chrono::milliseconds time) const {
  pollfd one{epoll_, POLLIN, 0};
  return poll(&one, 1, static_cast<int>(time.count())) > 0;
}

}  // namespace realtime::preflight
