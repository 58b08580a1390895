#pragma once

#include <algorithm>

#include "realtime/lsn.hpp"

#include "base/clock.hpp"

namespace realtime {

/// Decides when a stream works that has failed before. That it could be started shows nothing: PostgreSQL
/// decodes afterwards, and what failed there (a publication made anew, a full disk, a row that cannot be
/// decoded) fails again at the same place. It works once it is past the place where the last one ended, or
/// has lived for some seconds where there is nothing to pass; and in either case twice as long as the last
/// one did.
///
/// Pure: the caller brings time and LSNs. One thread.
class StreamProof {
 public:
  /// A stream has been started.
  void begin(TimePoint now) { began_ = now; }
  /// It has ended with an error, having received up to `received`.
  void failed(TimePoint now, Lsn received) {
    last_life_ = is_open() ? now - began_ : Duration::zero();
    ended_at_ = std::max(ended_at_, received);
    open_ = true;
  }
  /// Whether a failure is waited out.
  bool is_open() const { return open_; }
  /// Whether the stream that runs is shown to work; asked while is_open().
  bool is_shown(TimePoint now, Lsn received) const { return now >= due(received > ended_at_); }
  /// When is_shown() may change by time alone.
  TimePoint next_due(Lsn received) const { return due(received > ended_at_); }
  /// It works.
  void shown() {
    open_ = false;
    ended_at_ = {};
    last_life_ = Duration::zero();
  }

 private:
  TimePoint due(bool passed) const {
    const Duration least = passed ? std::chrono::milliseconds(500) : std::chrono::milliseconds(3000);
    return began_ + std::clamp<Duration>(2 * last_life_, least, kMost);
  }
  static constexpr Duration kMost = std::chrono::minutes(2);

  bool open_ = false;
  TimePoint began_{};
  Duration last_life_{};
  Lsn ended_at_;
};

}  // namespace realtime
