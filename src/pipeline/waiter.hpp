#pragma once

#include <atomic>

#include "base/clock.hpp"

namespace realtime {

/// Where one thread sleeps and others wake it: a parked flag and an eventfd, so that waking costs a system
/// call only if the thread really sleeps, and can be waited for beside a socket (poll). No spinning.
///
/// Operation: the sleeper says that it is about to sleep, looks once more for work, then polls. A waker
/// publishes its work first, then calls wake(). Sequentially consistent fences between the two steps on both
/// sides make sure that either the sleeper sees the work or the waker sees the sleeper. Concurrency: park()
/// by the owning thread only; wake() and interrupt() by any thread. Limitations: one sleeper. A wake that
/// comes while nobody sleeps leaves nothing behind; interrupt() does.
class Waiter {
 public:
  Waiter();
  ~Waiter();
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  /// Sleeps until woken, until `fd` (-1: none) is ready for `events`, or until `until`. Returns at once where
  /// `has_work()`, asked after the sleeper has announced itself, says so.
  template <typename HasWork>
  void park(int fd, short events, TimePoint until, const HasWork& has_work) {
    announce();
    if (!has_work()) sleep(fd, events, until);
    retire();
  }

  /// Wakes the sleeper if there is one. What the caller published before is seen by the woken thread.
  void wake() {
    std::atomic_thread_fence(std::memory_order_seq_cst);  // the published work before the look at parked_
    if (is_parked()) signal();
  }
  /// Wakes the sleeper now or the next time it wants to sleep.
  void interrupt() { signal(); }

 private:
  void announce() {
    parked_.store(true, std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_seq_cst);  // parked_ before the look for work
  }
  void retire() { parked_.store(false, std::memory_order_relaxed); }
  bool is_parked() const { return parked_.load(std::memory_order_relaxed); }
  void sleep(int fd, short events, TimePoint until);
  void signal();

  /// Invariant: true from before the sleeper's last look for work until after it has woken. Written by the
  /// sleeper alone, read by wakers. Relaxed: the fences beside it order it.
  std::atomic<bool> parked_{false};
  int event_ = -1;
};

}  // namespace realtime
