#pragma once

#include <algorithm>
#include <atomic>
#include <memory>
#include <span>

#include "realtime/source.hpp"

#include "base/clock.hpp"
#include "metrics/pipeline_metrics.hpp"

namespace realtime {

/// The LSN up to which one queue's record was seen to stand, the replay window after it was written.
class Confirmable {
 public:
  /// The queue's writer; only grows.
  void raise(Lsn lsn) { value_.store(lsn.value, std::memory_order_release); }
  /// The acknowledger.
  Lsn lsn() const { return {value_.load(std::memory_order_acquire)}; }

  /// The queue's writer: what the record says, and whether there is nothing more that it can record now.
  void set_recorded(Lsn lsn) { recorded_.store(lsn.value, std::memory_order_relaxed); }
  void set_settled(bool settled) { settled_.store(settled, std::memory_order_relaxed); }
  /// The acknowledger: whether the queue has recorded what it can, no further than `confirmed`.
  bool is_settled_at(Lsn confirmed) const {
    return settled_.load(std::memory_order_relaxed) &&
           recorded_.load(std::memory_order_relaxed) <= confirmed.value;
  }

 private:
  /// Invariant: never above what a read of the queue's record has shown. Release / acquire: the read happens
  /// before the confirmation.
  std::atomic<std::uint64_t> value_{0};
  /// Relaxed: they decide only how long a server that stops is held up; nothing is confirmed by them.
  std::atomic<std::uint64_t> recorded_{0};
  std::atomic<bool> settled_{false};
};

struct AcknowledgerSettings {
  Duration status_interval =
      std::chrono::milliseconds(2500);  ///< a third of wal_sender_timeout, a quarter of the lease
  Duration least_interval = std::chrono::milliseconds(100);  ///< between answers that confirm nothing new
  Duration replay_window = std::chrono::seconds(5);
};

/// Tells PostgreSQL how far it may forget: the least LSN that every queue's record covers. On a clock,
/// whether or not anything moves, so that a busy or waiting pipeline is never taken for dead; and when the
/// server asks.
///
/// Called in the reader's steps alone. Does not own source or confirmables.
class Acknowledger {
 public:
  Acknowledger(Source& source, std::span<const Confirmable> queues, const AcknowledgerSettings& settings,
               PipelineMetrics::Reader& metrics)
      : source_(source), queues_(queues), settings_(settings), metrics_(metrics) {}

  /// The server has sent up to `received`, and asks for a reply or not.
  void received(Lsn received, bool reply_requested, TimePoint now);
  /// Sends a status update if one is due.
  Status tick(TimePoint now);
  /// When tick() is to be called again at the latest.
  TimePoint next_tick() const { return server_waits() ? std::min(next_tick_, gives_up_at()) : next_tick_; }

  Lsn confirmed() const { return confirmed_; }
  /// The server waits for our last confirmation (it is stopping): record and confirm as soon as the window
  /// allows.
  bool server_waits() const { return waits_since_ != TimePoint{}; }
  /// It has waited for longer than the replay window: the connection is to be closed.
  bool server_waited_enough(TimePoint now) const { return server_waits() && now >= gives_up_at(); }
  /// Everything that is recorded has been confirmed, and nothing more can be: a server that stops gives no log
  /// for the hash of its last keepalives, which stay unrecorded.
  bool nothing_is_to_come() const {
    return std::all_of(queues_.begin(), queues_.end(),
                       [this](const Confirmable& queue) { return queue.is_settled_at(confirmed_); });
  }

 private:
  /// For the confirmation itself. ServerWatch's is longer: it has the same rule for a reader that does not
  /// read, by the monitor's word, and comes second.
  static constexpr Duration kGrace = std::chrono::milliseconds(500);

  TimePoint gives_up_at() const { return waits_since_ + settings_.replay_window + kGrace; }

  Source& source_;
  std::span<const Confirmable> queues_;
  const AcknowledgerSettings settings_;
  PipelineMetrics::Reader& metrics_;
  Lsn received_, confirmed_;
  TimePoint last_sent_{}, next_tick_{};
  TimePoint waits_since_{};
  bool reply_wanted_ = false;
};

}  // namespace realtime
