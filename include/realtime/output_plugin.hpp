#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "realtime/frame.hpp"
#include "realtime/result.hpp"

namespace realtime {

/// Hears what a decoder passes over, so that nothing is left out in silence. Any thread may call; rare.
class DecodeObserver {
 public:
  virtual ~DecodeObserver() = default;
  /// A TRUNCATE of a monitored table, which is not delivered.
  virtual void truncate_ignored(std::string_view schema, std::string_view table, Lsn lsn) = 0;
  /// A message above HASH_REALTIME_MAX_MESSAGE_BYTES was left out (HASH_REALTIME_ON_OVERSIZE=skip).
  virtual void oversize_skipped(std::string_view schema, std::string_view table, std::size_t bytes,
                                Lsn lsn) = 0;
  /// Text of a row was not UTF-8: `replaced` pieces of it became U+FFFD.
  virtual void text_mended(std::string_view schema, std::string_view table, std::size_t replaced,
                           Lsn lsn) = 0;
  /// An update or delete was left out: the plugin does not tell all of the key that names the row.
  virtual void identity_incomplete(std::string_view schema, std::string_view table, Lsn lsn) = 0;
};

/// The ordered half of an output plugin: sees every message in stream order, in the reader's steps, and puts
/// into the frame what a decoder needs. Keeps what only order can tell (pgoutput: relations, the open xid).
class Framer {
 public:
  virtual ~Framer() = default;
  /// Adds the message to the frame. The caller has asked frame.has_room(message.payload.size()).
  virtual Status add(const WalMessage& message, Frame& frame) = 0;
};

/// The parallel half: turns a frame's raw events into changes, marks and one run of RESP bulk strings, in
/// place or in frame.output. One instance a thread; a frame is decoded once, by one of them.
class Decoder {
 public:
  virtual ~Decoder() = default;
  virtual Status decode(Frame& frame) = 0;
};

/// What to do with a message that Redis cannot take.
struct OversizePolicy {
  std::size_t max_message_bytes = std::size_t{512} << 20;
  bool skip = false;  ///< else: an error of kind row_too_large
};

/// A logical decoding output plugin as we use it. Constant after construction; any thread.
class OutputPlugin {
 public:
  virtual ~OutputPlugin() = default;
  virtual std::string_view name() const = 0;
  /// The option list of START_REPLICATION, with the parentheses: ("format-version" '2', ...).
  /// With `transactions` the stream carries a begin for every transaction, also those that hold nothing of
  /// interest (only needed while a changed filter takes over; one more message a transaction).
  virtual std::string start_options(bool transactions) const = 0;
  virtual std::unique_ptr<Framer> make_framer() const = 0;
  virtual std::unique_ptr<Decoder> make_decoder() const = 0;
};

}  // namespace realtime
