#pragma once

#include <cstddef>

#include "realtime/clock.hpp"
#include "realtime/source.hpp"

namespace realtime {

/// How long the reader leaves an emptied socket alone, so that messages gather in it. The server sends each
/// with a system call of its own, and what that costs depends on the reader: while it sleeps the kernel only
/// appends to what is there (docs/performance.md).
///
///   the stream   what makes it so                            pause
///   quiet        at most 5 messages since the last one       none: the socket is waited for
///   busy         more                                        80 us
///   behind       20 times on end busy or nearly so, and no   0.8 ms; after every 20 more twice as long, as
///                word that the server has nothing to send    long as the socket holds what comes meanwhile
///
/// The first message after that word is therefore late by one pause at most, and no other. One reader's.
class ReadingPace {
 public:
  /// What has been read since the last pause, until the socket was empty.
  struct Gathered {
    std::size_t messages = 0;
    std::size_t bytes = 0;
    bool caught_up = false;  ///< the server's word: it has nothing more to send
  };
  void emptied(const Gathered& gathered, const Source& source);

  bool is_busy() const { return busy_; }
  bool is_behind() const { return behind_ >= kPatience; }
  /// From now on.
  Duration pause() const;

 private:
  void adapt(std::size_t bytes, const Source& source);

  static constexpr std::size_t kQuietMessages = 5;
  static constexpr int kPatience = 20;
  static constexpr Duration kBusyPause = std::chrono::microseconds(80);
  static constexpr Duration kFirstLongPause = std::chrono::microseconds(800);

  bool busy_ = false;
  int behind_ = 0;         ///< so many times on end; kPatience at most
  int at_this_pause_ = 0;  ///< of long_pause_, so many were made
  Duration long_pause_{};
};

}  // namespace realtime
