#pragma once

#include "realtime/frame.hpp"
#include "realtime/result.hpp"

#include "base/clock.hpp"

namespace realtime {

/// How a drain ended.
enum class Drained {
  emptied,  ///< the socket is empty: whoever drained has nothing better to do
  filled,   ///< the frame is full and more is waiting
  ended,    ///< the server ended the copy in order (it is shutting down)
};

/// A replication slot that is being streamed. Owned and called by the reader alone, whose steps several
/// threads may take, one after the other. Never blocks.
class Source {
 public:
  virtual ~Source() = default;

  /// Appends what the server has sent to `frame` until the frame is full or the socket is empty. After an
  /// error the source is finished; what is already in the frame is whole and may be passed on.
  virtual Result<Drained> drain(Frame& frame) = 0;

  /// Standby status update: `received` as write position, `confirmed` as flush and apply position. With
  /// `ask_reply` the server answers with a keepalive. Never waits: what the socket does not take yet follows
  /// with the next call of any method.
  virtual Status send_status(Lsn received, Lsn confirmed, bool ask_reply) = 0;

  /// Ends the copy from our side and closes the connection, so that the slot is free for others at once.
  virtual void close() = 0;

  /// Memory that the connection keeps because of a large row and gives back only when it is closed.
  virtual std::size_t held_memory() const { return 0; }

  /// How long a reader may leave the socket alone at most, while the server sends at full speed. What fills
  /// up is its socket's buffer and ours; a server that finds no room sleeps, and is woken at a cost.
  virtual Duration longest_pause() const { return kLongestPause; }
  static constexpr Duration kLongestPause = std::chrono::milliseconds(8);

  /// What to poll for while there is nothing to drain; -1 where there is no descriptor (a simulation).
  virtual int fd() const = 0;
};

}  // namespace realtime
