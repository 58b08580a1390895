#pragma once

#include <deque>
#include <optional>

#include "realtime/lsn.hpp"

#include "base/clock.hpp"

namespace realtime {

/// What one queue's record has said and since when: finds the LSN that may be confirmed.
///
/// Redis may lose its last seconds, so a written record counts only once a read, at least the replay window
/// after the write, has shown that it (or a later one) still stands. A timer alone would confirm what Redis
/// forgot. Pure; one writer's. Bounded: at most kEntries points of time are remembered, evenly over the
/// window.
class StandingRecords {
 public:
  explicit StandingRecords(Duration replay_window)
      : window_(replay_window),
        spacing_(std::max<Duration>(std::chrono::milliseconds(100), replay_window / kEntries)) {}

  /// The record was written (or first seen) with this restart LSN.
  void written(Lsn restart, TimePoint now) {
    if (restart <= newest_) return;
    newest_ = restart;
    if (!entries_.empty() && now - entries_.back().first_written < spacing_) {
      // Joins the newest entry, whose time moves with it: too late is safe, too early is not.
      entries_.back().restart = restart;
      entries_.back().written = now;
      return;
    }
    entries_.push_back({restart, now, now});
  }

  /// A read that began at `read_at` showed the newest record. Returns the LSN that may now be confirmed.
  std::optional<Lsn> seen_standing(TimePoint read_at) {
    std::optional<Lsn> confirmable;
    while (!entries_.empty() && entries_.front().written + window_ <= read_at) {
      confirmable = entries_.front().restart;
      entries_.pop_front();
    }
    return confirmable;
  }

  /// When a read could confirm something new; never, if nothing is waiting.
  TimePoint next_due() const {
    return entries_.empty() ? TimePoint::max() : entries_.front().written + window_;
  }

 private:
  static constexpr int kEntries = 50;
  struct Entry {
    Lsn restart;
    TimePoint written;
    TimePoint first_written;
  };
  const Duration window_;
  const Duration spacing_;
  Lsn newest_;
  std::deque<Entry> entries_;
};

}  // namespace realtime
