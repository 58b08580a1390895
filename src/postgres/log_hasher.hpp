#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "realtime/log_witness.hpp"
#include "realtime/timeline_history.hpp"

#include "base/clock.hpp"
#include "postgres/connection.hpp"
#include "postgres/log_bytes.hpp"

namespace realtime::postgres {

/// Reads the log before the positions that the writers want to record, over a replication connection of its
/// own, which takes a walsender while the service owns the slot; at most once a second, and only where it is
/// asked. One read serves every queue that stands at the position. A thread of its own; made when a stream
/// begins, gone with it.
///
/// A server that gives no log (it refuses, or has no walsender free) for kPatience gives none: positions are
/// then recorded without a hash, and it is asked again now and then.
class LogHasher final : public LogWitness {
 public:
  struct Options {
    std::function<Result<ConnectOptions>()> connect;  ///< called on the hasher's thread
    std::uint32_t timeline = 0;                       ///< that the server is on
    TimelineHistory timelines;                        ///< before it
    std::uint64_t segment_bytes = 0;
    std::function<void(bool gives)> on_log = [](bool) {};  ///< on the hasher's thread, when it is known
  };
  explicit LogHasher(Options options);
  ~LogHasher() override;

  Told ask(Lsn at) override;

 private:
  using Clock = std::chrono::steady_clock;

  void run();
  void serve(Lsn at);
  LogRead read(Lsn at, std::uint32_t bytes);
  Status connect();
  void make_longer(Lsn at);
  void fail(Lsn at, const LogRead& read);
  void tell(Lsn at, const Told& told);

  static constexpr std::size_t kMostKnown = 8;
  static constexpr std::chrono::seconds kInterval{1};
  static constexpr std::chrono::seconds kPatience{10};
  static constexpr std::chrono::seconds kPause{30};  ///< while the server gives no log

  const Options options_;
  std::unique_ptr<Connection> connection_;  ///< the thread's
  Clock::time_point refused_since_{};       ///< the thread's
  Lsn last_known_;                          ///< the thread's: the last position that has a hash

  std::mutex mutex_;
  std::condition_variable changed_;
  // Protected by mutex_:
  bool stop_ = false;
  Lsn wanted_;
  std::deque<std::pair<Lsn, Told>> told_;
  bool never_ = false;
  const int stop_fd_;  ///< readable once the hasher ends, so that nothing holds its end up

  std::thread thread_;
};

}  // namespace realtime::postgres
