#include "app/watchdog.hpp"

#include <vector>

#include <pthread.h>
#include <unistd.h>

#include "base/log.hpp"

namespace realtime {
namespace {

using Steady = std::chrono::steady_clock;

constexpr Duration kInterval = std::chrono::seconds(2);
/// From the signal on. The queues get 3 s to be flushed, and 5 s are promised.
constexpr Duration kStopLimit = std::chrono::milliseconds(4500);
constexpr std::chrono::milliseconds kLastWords{200};
/// While a pipeline runs the main thread looks after it every two seconds. Else it waits for servers, each
/// time with a limit, and a few times in a row.
constexpr Duration kMainLimit = std::chrono::seconds(60);
constexpr Duration kMainWaitsLimit = std::chrono::seconds(180);

}  // namespace

Watchdog::Watchdog(const StopSignal& stop, const ServiceBoard& board)
    : stop_(stop), board_(board), thread_([this] { run(); }) {
  pthread_setname_np(thread_.native_handle(), "watchdog");
}

Watchdog::~Watchdog() {
  stop_.raise();
  {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
  }
  ended_.notify_all();
  thread_.join();
}

void Watchdog::set(const Pipeline* pipeline) {
  const std::lock_guard lock(mutex_);
  pipeline_ = pipeline;
}

void Watchdog::ends_with(int code) {
  const std::lock_guard lock(mutex_);
  code_ = code;
}

std::string Watchdog::stalled() const {
  const std::lock_guard lock(mutex_);
  return stalled_;
}

void Watchdog::run() {
  while (!stop_.wait_until(Steady::now() + kInterval)) look(Steady::now());
  std::unique_lock lock(mutex_);
  if (!ended_.wait_for(lock, kStopLimit, [this] { return is_over_; })) end_it(lock);
}

void Watchdog::look(TimePoint now) {
  std::vector<Pulse> pulses;
  const std::lock_guard lock(mutex_);  // never held for long: nobody waits under it
  if (pipeline_ != nullptr) pulses = pipeline_->pulses();
  pulses.push_back(
      {"the main thread", board_.beats(), true, pipeline_ != nullptr ? kMainLimit : kMainWaitsLimit});
  std::string stalled = rule_.look(pulses, now);
  if (!stalled.empty() && stalled_.empty()) log::error("a restart would help: " + stalled);
  stalled_ = std::move(stalled);
}

/// Safe at any moment: what was not flushed is replayed at the next start, as after a crash.
void Watchdog::end_it(std::unique_lock<std::mutex>& lock) {
  std::string who = "a thread";
  if (pipeline_ != nullptr) {
    for (const Pulse& pulse : pipeline_->pulses()) {
      if (pulse.is_due) who = pulse.name;
    }
  }
  const int code = code_;
  lock.unlock();
  log::error("asked to stop, and " + who + " does not end: the process ends without it");
  log::finish(kLastWords);
  _exit(code);
}

}  // namespace realtime
