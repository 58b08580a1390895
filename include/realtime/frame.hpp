#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "realtime/change.hpp"
#include "realtime/clock.hpp"
#include "realtime/lsn.hpp"

namespace realtime {

/// Memory from malloc that frees itself (libpq's buffers are such: PQfreemem is free, PROTOCOL.md 7).
struct FreeMemory {
  void operator()(char* memory) const { std::free(memory); }
};
using MallocBuffer = std::unique_ptr<char, FreeMemory>;

/// One message as the walsender sent it: the fields of XLogData (PostgreSQL documentation, "Streaming
/// Replication Protocol") and its payload. If `buffer` is set it holds the payload and may be taken over.
struct WalMessage {
  Lsn lsn;
  std::int64_t sent_at_us = 0;  ///< the server's clock, microseconds since 2000-01-01 UTC
  std::string_view payload;
  MallocBuffer* buffer = nullptr;
};

/// One drain of the socket: up to 64 KiB of messages, or one larger message alone. The unit of every
/// hand-over.
///
/// Filled by the reader's thread, then decoded in place by exactly one decoder, then immutable until the
/// reader's thread recycles it. Owns its bytes. Not safe for use by two threads at once; the window hands it
/// over.
///
///   raw:      |  gap  | payload |  gap  | payload | ...      (gap: kHeadroom bytes, room for the RESP head)
///   decoded:  | $437\r\n{...}\r\n$512\r\n{...}\r\n ...       (one contiguous run, no gaps)
class Frame {
 public:
  static constexpr std::size_t kCapacity = 64 * 1024;
  static constexpr std::size_t kHeadroom = 16;  ///< free bytes before each raw payload
  static constexpr std::size_t kTailroom = 2;   ///< free bytes after each raw payload

  /// A message or a keepalive as received, in stream order.
  struct Event {
    enum class Kind : std::uint8_t { message, keepalive, begin };
    Kind kind = Kind::message;
    std::uint32_t xid = 0;  ///< of the transaction, where the framer knows it; else 0
    std::uint32_t length = 0;
    std::uint32_t offset = 0;  ///< of the payload in raw()
    Lsn lsn;
  };

  Frame() : arena_(static_cast<char*>(std::malloc(kCapacity))) {}

  // --- the reader's half -------------------------------------------------------------------------------
  /// Whether a message of `length` bytes may be added. A message larger than the arena fits an empty frame
  /// only.
  bool has_room(std::size_t length) const {
    if (adopted_) return false;
    if (length + kHeadroom + kTailroom > kCapacity) return events_.empty();
    return used_ + kHeadroom + length + kTailroom <= kCapacity;
  }
  /// Adds a message; takes its buffer over where it is larger than the arena, else copies. Requires has_room.
  void add_message(const WalMessage& message, std::uint32_t xid = 0);
  void add_keepalive(Lsn end) { events_.push_back({Event::Kind::keepalive, 0, 0, 0, end}); }
  void add_begin(std::uint32_t xid, Lsn lsn) { events_.push_back({Event::Kind::begin, xid, 0, 0, lsn}); }
  /// Makes the frame empty again; keeps its arena, gives a large message's memory back.
  void clear();

  bool empty() const { return events_.empty(); }
  std::span<const Event> events() const { return events_; }
  char* raw() { return adopted_ ? adopted_.get() : arena_.get(); }
  const char* raw() const { return adopted_ ? adopted_.get() : arena_.get(); }
  std::string_view payload(const Event& event) const { return {raw() + event.offset, event.length}; }
  /// What this frame holds of memory: what counts against HASH_REALTIME_MAX_IN_FLIGHT_BYTES.
  std::size_t footprint() const { return kCapacity + adopted_size_ + output.capacity(); }

  TimePoint received_at{};       ///< when the reader finished it
  std::int64_t sent_at_us = 0;   ///< the server's send time of its newest message; 0 if it has none
  bool caught_up = false;        ///< the server has nothing more to send: a keepalive of its own was last
  bool reply_requested = false;  ///< a keepalive in it asks for a status update
  std::shared_ptr<const void> schema;  ///< pgoutput: the relations that hold for it (their framer's own type)

  // --- the decoder's half ------------------------------------------------------------------------------
  /// Where the run of bulk strings begins; changes' offsets count from it. Points into raw() or `output`.
  const char* encoded = nullptr;
  std::vector<Change> changes;
  std::vector<Mark> marks;
  std::string output;  ///< for decoders that write a new text instead of working in place

  std::string_view bulk(const Change& change) const { return {encoded + change.offset, change.length}; }
  /// The message of a change without its RESP head and tail; empty if it is not delivered.
  std::string_view message(const Change& change) const;

 private:
  std::unique_ptr<char, FreeMemory> arena_;
  std::size_t used_ = 0;
  MallocBuffer adopted_;  ///< the one large message, if that is what this frame holds
  std::size_t adopted_size_ = 0;
  std::vector<Event> events_;
};

}  // namespace realtime
