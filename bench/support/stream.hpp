#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "realtime/lsn.hpp"

namespace realtime::bench {

/// What a slot sent, held in memory: messages and keepalives in stream order. A value; constant while it is
/// replayed.
struct Stream {
  struct Event {
    enum class Kind : std::uint8_t { message, keepalive };
    Kind kind = Kind::message;
    Lsn lsn;                      ///< of the message's WAL record; of a keepalive: the server's end
    std::int64_t sent_at_us = 0;  ///< as in realtime::WalMessage; 0 for a keepalive
    std::size_t offset = 0;       ///< of the payload in `bytes`
    std::size_t length = 0;
  };

  std::string plugin = "wal2json";
  std::vector<Event> events;
  std::string bytes;

  std::string_view payload(const Event& event) const {
    return std::string_view(bytes).substr(event.offset, event.length);
  }
  void add_message(Lsn lsn, std::int64_t sent_at_us, std::string_view payload) {
    events.push_back({Event::Kind::message, lsn, sent_at_us, bytes.size(), payload.size()});
    bytes += payload;
  }
  void add_keepalive(Lsn lsn) { events.push_back({Event::Kind::keepalive, lsn, 0, bytes.size(), 0}); }
};

}  // namespace realtime::bench
