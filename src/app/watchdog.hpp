#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "app/service_board.hpp"
#include "app/stall_rule.hpp"
#include "base/stop_signal.hpp"
#include "pipeline/pipeline.hpp"

namespace realtime {

/// Watches the threads that do the work, from a thread of its own that waits for none of them: says which one
/// stands still (/health-check), and ends a process that has been asked to stop and does not.
///
/// Concurrency: watch() and ends_with() by the daemon's thread, stalled() by any.
class Watchdog {
 public:
  Watchdog(const StopSignal& stop, const ServiceBoard& board);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  /// Watches a pipeline as long as it lives, which is less long than the pipeline.
  class Watch {
   public:
    Watch(Watchdog& watchdog, const Pipeline& pipeline) : watchdog_(watchdog) { watchdog_.set(&pipeline); }
    ~Watch() { watchdog_.set(nullptr); }
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

   private:
    Watchdog& watchdog_;
  };

  /// The exit code, once the daemon is done: what is still to be ended may be given up.
  void ends_with(int code);

  /// In words, what stands still while it has work; empty: all move.
  std::string stalled() const;

 private:
  void run();
  void look(TimePoint now);
  void end_it(std::unique_lock<std::mutex>& lock);
  void set(const Pipeline* pipeline);

  const StopSignal& stop_;
  const ServiceBoard& board_;
  StallRule rule_;  ///< its own thread's
  mutable std::mutex mutex_;
  std::condition_variable ended_;
  bool is_over_ = false;
  int code_ = 1;
  const Pipeline* pipeline_ = nullptr;
  std::string stalled_;
  std::thread thread_;
};

}  // namespace realtime
