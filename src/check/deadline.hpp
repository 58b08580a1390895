#pragma once

#include <chrono>

namespace realtime::preflight {

/// A descriptor that turns readable when the time is over, or when `stop_fd` (-1: none; not owned) does:
/// given to every wait, it ends them all. Any thread.
class Deadline {
 public:
  Deadline(std::chrono::milliseconds limit, int stop_fd);
  ~Deadline();
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  int fd() const { return epoll_; }
  bool is_over() const;
  /// Waits so long, or until it is over; true: it is over.
  bool wait_for(std::chrono::milliseconds time) const;

 private:
  int timer_, epoll_;
};

}  // namespace realtime::preflight
