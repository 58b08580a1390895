#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "realtime/change.hpp"
#include "realtime/lsn.hpp"

#include "base/clock.hpp"
#include "base/memory.hpp"

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

/// What the reader knows of a drain as a whole.
struct DrainFacts {
  TimePoint received_at{};       ///< when the step that read it began
  std::int64_t sent_at_us = 0;   ///< the server's send time of its newest message; 0 if it has none
  std::int64_t skew_us = 0;      ///< to be added to get it by our clock, where the clocks differ by much
  bool caught_up = false;        ///< the server has nothing more to send: a keepalive of its own was last
  bool reply_requested = false;  ///< a keepalive in it asks for a status update
  std::shared_ptr<const void> schema;  ///< pgoutput: the relations that hold for it (their framer's own type)
};

/// One drain of the socket: up to 256 KiB of messages, or one larger message alone. The unit of every
/// hand-over. A small drain is moved into a smaller arena before it is handed over, so that what waits holds
/// little more memory than its messages.
///
/// Filled by the reader, then decoded in place by exactly one decoder, then immutable until the reader
/// recycles it. Owns its bytes. Not safe for use by two threads at once; the window hands it over.
///
///   raw:      |  gap  | payload |  gap  | payload | ...      (gap: kHeadroom bytes, room for the RESP head)
///   decoded:  | $437\r\n{...}\r\n$512\r\n{...}\r\n ...       (one contiguous run, no gaps)
class Frame : public DrainFacts {
 public:
  /// The arenas there are; the largest is what a drain is read into.
  static constexpr std::array<std::size_t, 4> kArenas{4 << 10, 16 << 10, 64 << 10, 256 << 10};
  static constexpr std::size_t kCapacity = kArenas.back();
  static constexpr std::size_t kMostOutput = kCapacity;  ///< expected; one larger text goes alone
  static constexpr std::size_t kHeadroom = 16;           ///< free bytes before each raw payload
  static constexpr std::size_t kTailroom = 2;            ///< free bytes after each raw payload

  /// A message or a keepalive as received, in stream order.
  struct Event {
    enum class Kind : std::uint8_t { message, keepalive, begin };
    Kind kind = Kind::message;
    std::uint32_t xid = 0;  ///< of the transaction, where the framer knows it; else 0
    std::uint32_t length = 0;
    std::uint32_t offset = 0;  ///< of the payload in raw()
    Lsn lsn;
    std::int64_t committed_us = 0;  ///< of the transaction, where the framer knows it; else 0
  };

  explicit Frame(std::size_t arena = kArenas.size() - 1)
      : arena_size_(arena), arena_(static_cast<char*>(reallocated(nullptr, kArenas[arena]))) {}

  // --- the reader's half -------------------------------------------------------------------------------
  /// Whether a message of `length` bytes may be added. A message larger than the arena fits an empty frame
  /// only.
  bool has_room(std::size_t length) const {
    if (raw_.adopted) return false;
    if (length + kHeadroom + kTailroom > capacity()) return events_.empty();
    return raw_.used + kHeadroom + length + kTailroom <= capacity() && raw_.expected_output < kMostOutput;
  }
  /// Says how long the text of the message added last will be, where it is written anew. A frame is full,
  /// too, when its text will be kMostOutput long: so that what it will hold is known before it is decoded.
  void expect_output(std::size_t bytes) { raw_.expected_output += bytes; }
  /// Adds a message; takes its buffer over where it is larger than the arena, else copies. Requires has_room.
  void add_message(const WalMessage& message, std::uint32_t xid = 0, std::int64_t committed_us = 0);
  void add_keepalive(Lsn end) { events_.push_back({Event::Kind::keepalive, 0, 0, 0, end}); }
  void add_begin(std::uint32_t xid, Lsn lsn, std::int64_t committed_us = 0) {
    events_.push_back({Event::Kind::begin, xid, 0, 0, lsn, committed_us});
  }
  /// The smallest arena that would hold what is in the frame.
  std::size_t fitting_arena() const;
  /// Moves everything that the reader has put in into `other`, which is empty and has room for it.
  void move_to(Frame& other);
  /// Copies what the reader has put in into `other`, which is empty and has room for it. Not of a large message.
  void copy_to(Frame& other) const;
  /// Whether it is one message larger than any arena, in a buffer of its own.
  bool holds_large_message() const { return raw_.adopted != nullptr; }
  /// Makes the frame empty again; keeps its arena, gives a large message's memory back.
  void clear();

  bool empty() const { return events_.empty(); }
  std::span<const Event> events() const { return events_; }
  char* raw() { return raw_.adopted ? raw_.adopted.get() : arena_.get(); }
  const char* raw() const { return raw_.adopted ? raw_.adopted.get() : arena_.get(); }
  std::string_view payload(const Event& event) const { return {raw() + event.offset, event.length}; }
  /// Which of kArenas it has.
  std::size_t arena() const { return arena_size_; }
  /// What this frame holds of memory: what counts against HASH_REALTIME_MAX_IN_FLIGHT_BYTES.
  std::size_t footprint() const {
    return capacity() + raw_.adopted_size + std::max(output.capacity(), raw_.expected_output) +
           events_.capacity() * sizeof(Event) + changes.capacity() * sizeof(Change);
  }

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
  std::size_t capacity() const { return kArenas[arena_size_]; }

  std::size_t arena_size_;  ///< index into kArenas
  std::unique_ptr<char, FreeMemory> arena_;
  struct Raw {
    std::size_t used = 0;  ///< of the arena
    std::size_t expected_output = 0;
    MallocBuffer adopted;  ///< the one large message, if that is what this frame holds
    std::size_t adopted_size = 0;
  } raw_;
  std::vector<Event> events_;
};

}  // namespace realtime
