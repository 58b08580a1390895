#include "pipeline/relief.hpp"

#include <algorithm>

#include <pthread.h>
#include <sched.h>

namespace realtime {

void Relief::start() {
  thread_ = std::thread([this] { run(); });
  pthread_setname_np(thread_.native_handle(), "relief");
}

void Relief::stop() {
  if (!thread_.joinable()) return;
  stopping_.store(true, std::memory_order_relaxed);
  waiter_.interrupt();
  thread_.join();
}

void Relief::set_wanted(bool wanted) {
  wanted_.store(wanted, std::memory_order_relaxed);
  waiter_.interrupt();
}

/// It never pushes anybody aside either: a refusal changes nothing.
void Relief::run() {
  const sched_param none{};
  pthread_setschedparam(pthread_self(), SCHED_BATCH, &none);
  TimePoint next = TimePoint::max();
  for (;;) {
    waiter_.park(-1, 0, next, [] { return false; });
    if (stopping_.load(std::memory_order_relaxed)) return;
    next = TimePoint::max();
    if (!wanted_.load(std::memory_order_relaxed)) continue;
    const TimePoint late = late_from();
    const bool is_late = late <= std::chrono::steady_clock::now();
    if (is_late) runner_.relieve();
    const bool others_at_it = is_late && late_from() == late;
    const TimePoint now = std::chrono::steady_clock::now();
    next = std::clamp(late_from(), now + (others_at_it ? kStep : kGrace), now + kLongest);
  }
}

TimePoint Relief::late_from() const {
  const TimePoint due = runner_.due();
  return due == TimePoint::max() ? due : due + kGrace;
}

}  // namespace realtime
