#pragma once

#include <cstdint>

#include "app/service_board.hpp"
#include "base/clock.hpp"

namespace realtime {

/// Decides when a streaming server's connection is to be closed from here, from what stream and monitor hear:
///
/// - Neither hears it, and its socket looks sound: something in between forgot us. (A walsender alone may be
///   mute for long, in the middle of a large transaction; so may a reader whose window is full.)
/// - It is stopping, and waits until its walsender has sent everything and we have confirmed it. A healthy
///   pipeline needs the replay window for that, so the server is held up for so long at most: a full window,
///   or a slow queue with a long way to go, would take as long as it takes. Where a queue is stuck there is
///   nothing to wait for, and PostgreSQL's walsender uses a whole core as long as it waits.
///
/// Pure: the caller brings time and signs. One thread.
class ServerWatch {
 public:
  explicit ServerWatch(Duration replay_window) : patience_(replay_window + kGrace) {}

  /// A stream begins: it has just been heard.
  void begin(TimePoint now);
  /// `messages`: how many the stream has brought so far; `stuck`: a queue takes nothing. Gives the reason to
  /// close, once a stream, else null.
  const char* look(const ServiceBoard::Server& server, std::uint64_t messages, bool stuck, TimePoint now);
  /// When to look again at the latest.
  TimePoint next_due() const;

 private:
  const char* reason(ServerSeen seen, bool stuck, TimePoint now) const;
  static constexpr Duration kMostSilence = std::chrono::seconds(8);

  /// For the last confirmation itself, so that a healthy pipeline lets the server end the stream.
  static constexpr Duration kGrace = std::chrono::milliseconds(700);

  const Duration patience_;
  std::uint64_t messages_ = 0;
  TimePoint heard_at_{};
  TimePoint stopping_since_{};  ///< none: it is not
  bool said_ = false;
};

}  // namespace realtime
