#pragma once

#include <atomic>
#include <latch>
#include <string>
#include <thread>
#include <vector>

#include "pipeline/pulse.hpp"
#include "pipeline/stage.hpp"
#include "pipeline/turn.hpp"
#include "pipeline/waiter.hpp"

namespace realtime {

/// Gives a stage a thread, and lends it to others: who has just published work may carry it through the next
/// stage on the spot instead of waking that stage's thread, which costs about 6 us of delay and 15 us of CPU
/// each time.
///
/// Operation: the thread steps the stage until there is nothing to do, then sleeps as the stage's Idle says.
/// After a step that did something the stages downstream hear of it: carried on by a carrier, woken by a
/// thread of its own. Concurrency: wake(), carry() and stop() by any thread; start() and join() by the owner.
class StageRunner {
 public:
  explicit StageRunner(Stage& stage) : stage_(stage) {}
  ~StageRunner() { join(); }

  /// Who hears of this stage's work. Before start().
  void followed_by(std::vector<StageRunner*> next) { next_ = std::move(next); }
  void start();  ///< once
  /// The thread ends after its present step. Any thread.
  void stop();
  void join();

  /// There is work: have the stage's own thread do it.
  void wake() {
    std::atomic_thread_fence(std::memory_order_seq_cst);  // the published work before the look at deaf_
    if (!is_deaf()) waiter_.wake();
  }
  /// There is work: do it here and now if nobody is at it, else leave it to who is.
  void carry();
  /// It is late: do its step here, also if it is deaf (Relief). Any thread but the stage's own.
  void relieve() { lend(); }
  /// Something but work from upstream has changed: look at the stage again even if it is deaf.
  void interrupt() { waiter_.interrupt(); }
  /// Whether the stage's thread, when it wakes, waits for a free processor instead of taking one from who
  /// runs there (SCHED_BATCH, sched(7)): for bulk work beside a server that has the more urgent work. A
  /// refusal changes nothing. By the owner, or in a step of this runner or of one that was started later; not
  /// during join(). Costs one system call.
  void set_courteous(bool courteous);

  /// When the stage wants its next step; max: not by the clock alone. A hint. Any thread.
  TimePoint due() const { return TimePoint(Duration(due_.load(std::memory_order_relaxed))); }

  /// Steps that did something, whichever thread took them; for metrics and tests.
  std::uint64_t steps() const { return steps_.load(std::memory_order_relaxed); }
  /// Moves with each step that is begun or ended; due while it is inside one. Any thread.
  Pulse pulse() const {
    const std::uint64_t bounds = step_bounds_.load(std::memory_order_relaxed);
    return {stage_.name(), bounds, bounds % 2 == 1};
  }

 private:
  void run();
  std::size_t step(bool carried);
  std::size_t take_step();
  void lend();
  void note_idle();
  bool sees_work();
  bool is_deaf() const { return deaf_.load(std::memory_order_relaxed); }

  Stage& stage_;
  std::vector<StageRunner*> next_;
  Waiter waiter_;
  Turn turn_;
  Stage::Idle idle_;    ///< what the stage last said; under the turn
  Stage::Idle parked_;  ///< what its thread sleeps for; under the turn
  /// Whether the stage wants no wake-ups from upstream now. Set under the turn, read by wakers. Relaxed: the
  /// fence in wake() and the one in the waiter's announcement order it against the work.
  std::atomic<bool> deaf_{false};
  /// What due() says. Set under the turn. Relaxed: nothing hangs on it but when a relief looks.
  std::atomic<Duration::rep> due_{Duration::max().count()};
  std::atomic<bool> stopping_{false};    ///< set once; release / acquire
  std::atomic<std::uint64_t> steps_{0};  ///< steps that did something; written under the turn
  /// Begins and ends of steps: odd while one is taken. Written under the turn. Relaxed: the watchdog only
  /// looks whether it has changed within a minute.
  std::atomic<std::uint64_t> step_bounds_{0};
  std::thread thread_;
  std::latch started_{1};  ///< thread_ is set: its first step comes after that
};

}  // namespace realtime
