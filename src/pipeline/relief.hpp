#pragma once

#include <atomic>
#include <thread>

#include "pipeline/stage_runner.hpp"

namespace realtime {

/// A second thread for a stage that must not be late. While it is wanted it comes a moment after the stage
/// was due; if the stage's own thread has not been there, because its processor is taken and it does not push
/// others aside (StageRunner::set_courteous), this one takes the step: its processor may be free.
///
/// For the reader of a Unix socket whose stream is behind. Such a socket is full within half a millisecond. A
/// WAL sender that finds it so sleeps, and is woken on the processor of who has emptied it: from then on the
/// two are in each other's way. What it gains is in docs/performance.md.
class Relief {
 public:
  explicit Relief(StageRunner& runner) : runner_(runner) {}
  ~Relief() { stop(); }

  void start();  ///< once, after the runner
  /// Ends the thread and waits for it. By the owner, before the runner is joined.
  void stop();
  /// From now on; while it is not wanted the thread sleeps without a clock. Any thread.
  void set_wanted(bool wanted);

 private:
  void run();
  TimePoint late_from() const;

  static constexpr Duration kGrace = std::chrono::microseconds(50);
  static constexpr Duration kStep =
      std::chrono::milliseconds(1);  ///< where another thread is taking the step
  static constexpr Duration kLongest = std::chrono::milliseconds(50);  ///< where the stage is not due by time

  StageRunner& runner_;
  Waiter waiter_;
  /// Both are followed by an interrupt of the waiter, which orders them. Relaxed.
  std::atomic<bool> wanted_{false};
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace realtime
