#include "support/replay_source.hpp"

#include <algorithm>

#include <sys/eventfd.h>
#include <unistd.h>

namespace realtime::bench {
namespace {

constexpr std::size_t kReplicationHead = 25;  // what libpq's buffer holds before a payload

}  // namespace

ReplaySource::ReplaySource(std::shared_ptr<const Stream> stream, const OutputPlugin& plugin, std::size_t laps,
                           std::function<void(std::size_t)> on_lap)
    : stream_(std::move(stream)),
      framer_(plugin.make_framer()),
      laps_(laps),
      on_lap_(std::move(on_lap)),
      readable_(eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK)) {}

ReplaySource::~ReplaySource() {
  ::close(readable_);
}

Result<Drained> ReplaySource::drain(Frame& frame) {
  while (lap_ < laps_) {
    if (next_ == 0 && on_lap_) on_lap_(lap_);
    for (; next_ < stream_->events.size(); ++next_) {
      const Stream::Event& event = stream_->events[next_];
      if (!frame.has_room(event.length)) return Drained::filled;
      if (Status added = add(event, frame); !added) return added.error();
    }
    ++lap_;
    next_ = 0;
    if (!stream_->events.empty())
      shift_ += stream_->events.back().lsn.value - stream_->events.front().lsn.value + 1;
  }
  std::uint64_t count = 0;
  [[maybe_unused]] const auto size = read(readable_, &count, sizeof count);
  return Drained::emptied;
}

Status ReplaySource::add(const Stream::Event& event, Frame& frame) {
  const Lsn lsn{event.lsn.value + shift_};
  if (event.kind == Stream::Event::Kind::keepalive) {
    frame.add_keepalive(lsn);
    return ok();
  }
  const std::string_view payload = stream_->payload(event);
  if (event.length < Frame::kCapacity / 2)
    return framer_->add({lsn, event.sent_at_us, payload, nullptr}, frame);
  // A frame keeps the buffer of a large message: give it one like libpq's.
  MallocBuffer buffer(static_cast<char*>(std::malloc(kReplicationHead + payload.size())));
  std::copy(payload.begin(), payload.end(), buffer.get() + kReplicationHead);
  return framer_->add({lsn, event.sent_at_us, {buffer.get() + kReplicationHead, payload.size()}, &buffer},
                      frame);
}

}  // namespace realtime::bench
