#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "realtime/frame.hpp"
#include "realtime/result.hpp"

#include "base/clock.hpp"

namespace realtime {

/// The changes [begin, end) of one frame, numbered from first_number in the stream.
struct Piece {
  const Frame* frame = nullptr;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::uint64_t first_number = 0;
};

/// What one atomic step delivers to one queue, in order. The frames stay alive and unchanged until the step's
/// observation was taken.
struct Batch {
  std::vector<Piece> pieces;
  std::size_t messages = 0;  ///< changes in the pieces that are delivered (length > 0)
  std::size_t bytes = 0;     ///< of their bulk strings
  /// Where the filter changes with this step: the lists of tables that are to stand beside the record from then on
  /// (format_lists); empty: none any more.
  std::optional<std::string> lists = {};
};

/// What was seen at the end of an operation on a queue. The record, when read, is the truth about what has
/// happened; the error says what went wrong on the way, if anything did.
struct Observation {
  std::optional<Error> error;
  bool record_read = false;             ///< `record` was really read (after the operation, while watching it)
  std::optional<std::string> record;    ///< its text; none: the key does not exist
  std::optional<std::uint64_t> length;  ///< of the queue, where the operation told
  /// Redis says that it cannot write to its disk: what stands there may stand in its memory alone (open and read
  /// ask, where the user may). Then `error` has it in words.
  bool unsaved = false;
};

/// One queue in Redis, over one connection. Owned by one writer, called by one thread at a time; never
/// blocks.
///
/// One operation at a time: open, push, set_record or read; then poll() until it gives the observation. An
/// operation that ended without reading the record (its connection failed) leaves the sink closed: open()
/// again. Every push is conditional on the record not having changed since the last observation (WATCH).
class QueueSink {
 public:
  virtual ~QueueSink() = default;

  virtual const std::string& name() const = 0;  ///< of the queue
  virtual bool is_open() const = 0;

  /// Connects, authenticates, checks, watches and reads the record.
  virtual void open() = 0;
  /// Pushes the batch and sets the record to `record`, both or neither; then watches and reads the record.
  /// `record` is copied.
  virtual void push(const Batch& batch, std::string_view record) = 0;
  /// Sets the record alone, under the same condition; then watches and reads it.
  virtual void set_record(std::string_view record) = 0;
  /// Watches and reads the record.
  virtual void read() = 0;
  /// Closes the connection; an unfinished operation never gives an observation.
  virtual void close() = 0;

  /// Moves the running operation on; gives its observation once it has ended. No operation: nothing, but a
  /// connection that has ended meanwhile is closed.
  virtual std::optional<Observation> poll(TimePoint now) = 0;

  /// What to poll for while poll() gives nothing: descriptor (-1: none) and poll(2) events, and until when.
  struct Wait {
    int fd = -1;
    short events = 0;
    TimePoint until = TimePoint::max();  ///< the operation's deadline
  };
  virtual Wait wait() const = 0;
};

}  // namespace realtime
