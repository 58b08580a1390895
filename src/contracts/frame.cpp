#include "realtime/frame.hpp"

#include <cstring>

#include "base/check.hpp"

namespace realtime {

void Frame::add_message(const WalMessage& message, std::uint32_t xid, std::int64_t committed_us) {
  const std::size_t length = message.payload.size();
  RT_CHECK(has_room(length), "the caller asks for room first");
  sent_at_us = message.sent_at_us;
  if (length + kHeadroom + kTailroom > capacity()) {
    // One large message: keep libpq's own buffer, which has the 25 bytes of the XLogData header before the
    // payload; only the tail may need a few bytes more.
    RT_CHECK(message.buffer != nullptr && *message.buffer, "a large message comes with its buffer");
    const auto offset = static_cast<std::size_t>(message.payload.data() - message.buffer->get());
    RT_CHECK(offset >= kHeadroom, "the buffer has the replication header before the payload");
    raw_.adopted_size = offset + length + kTailroom;
    raw_.adopted.reset(static_cast<char*>(reallocated(message.buffer->release(), raw_.adopted_size)));
    events_.push_back({Event::Kind::message, xid, static_cast<std::uint32_t>(length),
                       static_cast<std::uint32_t>(offset), message.lsn, committed_us});
    return;
  }
  const std::size_t offset = raw_.used + kHeadroom;
  std::memcpy(arena_.get() + offset, message.payload.data(), length);
  raw_.used = offset + length + kTailroom;
  events_.push_back({Event::Kind::message, xid, static_cast<std::uint32_t>(length),
                     static_cast<std::uint32_t>(offset), message.lsn, committed_us});
}

std::size_t Frame::fitting_arena() const {
  std::size_t arena = 0;
  while (kArenas[arena] < raw_.used) ++arena;
  return arena;
}

void Frame::move_to(Frame& other) {
  RT_CHECK(other.empty() && raw_.used <= other.capacity(), "into an empty frame with room");
  if (raw_.used > 0) std::memcpy(other.arena_.get(), arena_.get(), raw_.used);
  other.raw_ = std::move(raw_);
  other.events_.assign(events_.begin(), events_.end());  // copied: each frame keeps the capacity it needs
  static_cast<DrainFacts&>(other) = std::move(static_cast<DrainFacts&>(*this));
  clear();
}

void Frame::copy_to(Frame& other) const {
  RT_CHECK(other.empty() && raw_.used <= other.capacity(), "into an empty frame with room");
  RT_CHECK(!holds_large_message(), "a large message is moved, never copied");
  if (raw_.used > 0) std::memcpy(other.arena_.get(), arena_.get(), raw_.used);
  other.raw_.used = raw_.used;
  other.raw_.expected_output = raw_.expected_output;
  other.events_.assign(events_.begin(), events_.end());
  static_cast<DrainFacts&>(other) = *this;
}

void Frame::clear() {
  raw_ = {};
  events_.clear();
  static_cast<DrainFacts&>(*this) = {};
  encoded = nullptr;
  changes.clear();
  marks.clear();
  // Kept, unless one large row has blown it up: JSON written from a full arena is two to four times its size.
  if (output.capacity() > 4 * kCapacity) std::string().swap(output);
  output.clear();
}

std::string_view Frame::message(const Change& change) const {
  if (change.length == 0) return {};
  const std::string_view whole = bulk(change);
  const std::size_t head = whole.find('\n') + 1;
  return whole.substr(head, whole.size() - head - 2);
}

}  // namespace realtime
