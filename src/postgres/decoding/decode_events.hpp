#pragma once

#include "realtime/frame.hpp"
#include "realtime/result.hpp"

namespace realtime::postgres {

inline void add_mark(Frame& frame, Mark::Kind kind, std::uint32_t xid, Lsn lsn,
                     std::int64_t committed_us = 0) {
  frame.marks.push_back({kind, xid, static_cast<std::uint32_t>(frame.changes.size()), lsn, committed_us});
}

/// What every decoder does with a frame's events: those that are no message become marks between the changes;
/// `decode_message(event)` has the rest, until one fails.
template <typename DecodeMessage>
Status decode_events(Frame& frame, const DecodeMessage& decode_message) {
  for (const Frame::Event& event : frame.events()) {
    switch (event.kind) {
      case Frame::Event::Kind::message:
        if (Status status = decode_message(event); !status) return status;
        break;
      case Frame::Event::Kind::keepalive:
        add_mark(frame, Mark::Kind::keepalive, 0, event.lsn);
        break;
      case Frame::Event::Kind::begin:
        add_mark(frame, Mark::Kind::begin, event.xid, event.lsn, event.committed_us);
        break;
    }
  }
  return ok();
}

}  // namespace realtime::postgres
