#include "pipeline/stage_runner.hpp"

#include <pthread.h>
#include <sched.h>

namespace realtime {

void StageRunner::start() {
  thread_ = std::thread([this] {
    started_.wait();
    run();
  });
  pthread_setname_np(thread_.native_handle(), stage_.name().substr(0, 15).c_str());
  started_.count_down();
}

void StageRunner::stop() {
  stopping_.store(true, std::memory_order_release);
  waiter_.interrupt();
}

void StageRunner::join() {
  if (!thread_.joinable()) return;
  stop();
  thread_.join();
}

void StageRunner::set_courteous(bool courteous) {
  const sched_param none{};
  pthread_setschedparam(thread_.native_handle(), courteous ? SCHED_BATCH : SCHED_OTHER, &none);
}

std::size_t StageRunner::take_step() {
  const std::uint64_t bounds = step_bounds_.load(std::memory_order_relaxed);
  step_bounds_.store(bounds + 1, std::memory_order_relaxed);
  const std::size_t done = stage_.do_work();
  step_bounds_.store(bounds + 2, std::memory_order_relaxed);
  return done;
}

std::size_t StageRunner::step(bool carried) {
  const std::size_t done = take_step();
  if (done > 0) {
    steps_.store(steps_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    for (StageRunner* next : next_) carried ? next->carry() : next->wake();
  }
  return done;
}

void StageRunner::note_idle() {
  idle_ = stage_.idle();
  deaf_.store(idle_.deaf, std::memory_order_relaxed);
  const TimePoint due = idle_.fd < 0 ? idle_.until : TimePoint::max();
  due_.store(due.time_since_epoch().count(), std::memory_order_relaxed);
}

void StageRunner::run() {
  while (!stopping_.load(std::memory_order_acquire)) {
    if (!turn_.take()) {  // a carrier is at it; it interrupts us when it is done
      waiter_.park(-1, 0, TimePoint::max(), [] { return false; });
      continue;
    }
    while (!stopping_.load(std::memory_order_acquire) && step(false) > 0) {
    }
    note_idle();
    parked_ = idle_;
    const Stage::Idle idle = idle_;
    if (turn_.give_back()) continue;  // somebody found work while we were at it
    waiter_.park(idle.fd, idle.events, idle.until, [this, &idle] { return !idle.deaf && sees_work(); });
  }
}

bool StageRunner::sees_work() {
  if (!turn_.take()) return false;  // the carrier at it interrupts us when it is done
  const bool work = stage_.has_work();
  return turn_.give_back() || work;
}

void StageRunner::carry() {
  std::atomic_thread_fence(std::memory_order_seq_cst);  // as in wake()
  if (!is_deaf()) lend();
}

void StageRunner::lend() {
  if (!turn_.take()) return;  // whoever is at it learns that there is more
  while (!stopping_.load(std::memory_order_acquire) && step(true) > 0) {
  }
  note_idle();
  const bool other_wait =
      idle_.fd != parked_.fd || idle_.events != parked_.events || idle_.until < parked_.until;
  if (turn_.give_back() || other_wait) waiter_.interrupt();
}

}  // namespace realtime
