#pragma once

#include "realtime/log_hash.hpp"
#include "realtime/lsn.hpp"

namespace realtime {

/// Tells the hash of the server's log before a position that the stream has passed, so that a record of this
/// position can be known again. Any thread; never blocks: what is not known yet is found out behind the
/// caller's back, for the position asked for last.
class LogWitness {
 public:
  enum class Answer {
    pending,    ///< ask again in a moment
    known,      ///< here it is
    too_short,  ///< too few bytes stand before the position in its segment: a later position will do
    not_now,    ///< the server is stopping, or no longer has this part of its log: a later position may do
    never,      ///< the server gives no log: positions are recorded without
  };
  struct Told {
    Answer answer = Answer::pending;
    LogHash hash = {};  ///< where it is known
  };

  virtual ~LogWitness() = default;
  virtual Told ask(Lsn at) = 0;
};

}  // namespace realtime
