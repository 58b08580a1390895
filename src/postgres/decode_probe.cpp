#include "postgres/decode_probe.hpp"

#include <algorithm>

#include "net/wait_for_socket.hpp"
#include "postgres/slot_stream.hpp"

namespace realtime::postgres {
namespace {

constexpr Duration kStatusInterval = std::chrono::milliseconds(300);

/// Whether the server says that it has come as far as wanted.
bool is_past(const Frame& frame, Lsn until) {
  return std::ranges::any_of(frame.events(), [until](const Frame::Event& event) {
    return event.kind == Frame::Event::Kind::keepalive && event.lsn >= until;
  });
}

}  // namespace

Status try_to_decode(std::unique_ptr<Connection> connection, const DecodeProbe& probe) {
  auto stream = SlotStream::start(std::move(connection), {.slot = probe.slot, .at = probe.at}, probe.plugin);
  if (!stream) return stream.error();
  Frame frame;
  TimePoint next_status{};
  for (Result<Drained> drained = Drained::filled;;) {
    const TimePoint now = std::chrono::steady_clock::now();
    if (now >= probe.deadline)
      return Error{ErrorKind::postgres_unreachable, "the slot was not decoded in time"};
    if (now >= next_status) {  // zero: nothing is confirmed; asked for a reply, which says how far it is
      if (Status status = (*stream)->send_status({}, {}, true); !status) return status;
      next_status = now + kStatusInterval;
    }
    const TimePoint wait_until = *drained == Drained::filled ? now : std::min(next_status, probe.deadline);
    if (net::wait_for_socket((*stream)->fd(), true, false, probe.stop_fd, wait_until) == net::Woken::stopped)
      return Error{ErrorKind::stopped, "stopped while the slot was decoded"};
    drained = (*stream)->drain(frame);
    if (is_past(frame, probe.until)) return ok();
    if (!drained) return drained.error();
    if (*drained == Drained::ended)
      return Error{ErrorKind::postgres_starting, "the server ended the stream: it is stopping"};
    frame.clear();
  }
}

}  // namespace realtime::postgres
