#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

#include "base/clock.hpp"

namespace realtime {

/// How long the reader leaves an emptied socket alone, so that messages gather in it. The server sends each
/// with a system call of its own, and what that costs depends on the reader: while it sleeps the kernel only
/// appends to what is there (docs/performance.md).
///
///   the stream   what makes it so                            pause
///   quiet        at most 5 messages since the last one       none: the socket is waited for
///   busy         more                                        80 us
///   behind       20 pauses on end, and no word that the      0.5 ms; after every round of 20 pauses twice as
///                server has nothing more to send             long, unless the stream becomes slower by that
///
/// If it does, the socket was full and the server has waited: half the pause, then, for some rounds. The
/// first message after the server's word is late by one pause at most, and no other. One reader's.
class ReadingPace {
 public:
  /// `longest`: no pause may be longer (Source::longest_pause).
  explicit ReadingPace(Duration longest) : longest_(longest), first_(std::min(kFirstLongPause, longest)) {}

  /// What has been read since the last pause, until the socket was empty.
  struct Gathered {
    std::size_t messages = 0;
    std::size_t bytes = 0;
    bool caught_up = false;  ///< the server's word: it has nothing more to send
  };
  void emptied(const Gathered& gathered, TimePoint now);

  bool is_busy() const { return busy_; }
  bool is_behind() const { return behind_ >= kRound; }
  /// From now on.
  Duration pause() const;

 private:
  void begin_round(Duration pause, double rate_to_keep, TimePoint now);
  void judge_round(TimePoint now);

  static constexpr std::size_t kQuietMessages = 5;
  static constexpr int kRound = 20;          ///< pauses
  static constexpr int kRest = 25;           ///< rounds
  static constexpr double kTolerance = 0.8;  ///< rates differ by that much from round to round anyway
  static constexpr Duration kBusyPause = std::chrono::microseconds(80);
  static constexpr Duration kFirstLongPause = std::chrono::microseconds(500);

  Duration longest_, first_;
  bool busy_ = false;
  int behind_ = 0;  ///< pauses on end without the server's word; kRound at most
  // While it is behind:
  Duration long_pause_{};
  TimePoint round_began_{};
  int pauses_ = 0;           ///< of this round
  std::size_t bytes_ = 0;    ///< that they brought
  double rate_to_keep_ = 0;  ///< bytes a nanosecond
  int rests_ = 0;            ///< so many rounds more at this pause
};

}  // namespace realtime
