#include "simulation/fake_postgres.hpp"

#include <cstdlib>
#include <cstring>

namespace realtime::sim {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr Duration kAskAfter = std::chrono::seconds(4);  // half of wal_sender_timeout
constexpr std::size_t kHeader = 25;                      // of XLogData, before the payload in libpq's buffer

Error cut() {
  return {ErrorKind::postgres_unreachable, "the connection was cut"};
}

}  // namespace

FakeSource::FakeSource(FakePostgres& server, Lsn start, Duration patience)
    : server_(server),
      process_(server.begin(patience)),
      events_(server.wal.stream(std::max(start, server.confirmed), server.chance)),
      next_arrival_(server.clock.now()),
      next_keepalive_(server.clock.now()),
      last_heard_(server.clock.now()) {}

bool FakeSource::is_ready() const {
  if (closed_) return false;
  if (is_cut() && !frozen_) return true;  // the error
  const TimePoint now = server_.clock.now();
  if (frozen_) return false;
  if (next_ < events_.size()) return next_ < arrived_ || now >= next_arrival_;
  return now >= next_keepalive_;
}

TimePoint FakeSource::next_time() const {
  if (closed_ || frozen_) return TimePoint::max();
  if (is_cut()) return server_.clock.now();
  if (next_ < events_.size()) return next_ < arrived_ ? server_.clock.now() : next_arrival_;
  return next_keepalive_;
}

Result<Drained> FakeSource::drain(Frame& frame) {
  if (closed_) return cut();
  if (frozen_) return Drained::emptied;
  if (is_cut()) return cut();
  if (server_.troubles && server_.chance.happens(0.003)) return server_.active = 0, cut();
  const TimePoint now = server_.clock.now();
  if (next_ == events_.size()) {
    if (now < next_keepalive_) return Drained::emptied;
    if (stopping_ && last_confirmed_ >= server_.truth.wal_end()) return Drained::ended;
    add_idle_keepalive(frame);
    return Drained::emptied;
  }
  if (next_ >= arrived_ && now >= next_arrival_) {
    arrived_ = std::min(events_.size(), arrived_ + static_cast<std::size_t>(server_.chance.between(1, 40)));
    next_arrival_ =
        now + microseconds(server_.chance.pick({100, 5'000, 400'000}) * server_.chance.between(0, 2));
  }
  for (int budget = server_.chance.pick({1, 3, 12}); budget > 0 && next_ < arrived_; --budget) {
    const model::Event& event = events_[next_];
    if (event.kind == model::Event::Kind::keepalive) {
      frame.add_keepalive(event.end);
    } else {
      const auto& message = server_.truth.messages;
      const auto it = std::find_if(message.begin(), message.end(),
                                   [&event](const auto& one) { return one.identity == event.identity; });
      const std::string raw = TextPlugin::raw(event.identity.xid, it->text);
      if (!frame.has_room(raw.size())) return Drained::filled;
      MallocBuffer buffer(static_cast<char*>(std::malloc(kHeader + raw.size())));
      std::memcpy(buffer.get() + kHeader, raw.data(), raw.size());
      const Status added =
          framer_->add({event.identity.lsn, 1, {buffer.get() + kHeader, raw.size()}, &buffer}, frame);
      if (!added) return added.error();
    }
    ++next_;
  }
  return next_ < arrived_ ? Drained::filled : Drained::emptied;
}

void FakeSource::add_idle_keepalive(Frame& frame) {
  const TimePoint now = server_.clock.now();
  frame.add_keepalive(server_.truth.wal_end());
  if (stopping_) {
    frame.reply_requested = true;
    if (!asked_since_) asked_since_ = now;
    next_keepalive_ = now + milliseconds(server_.chance.between(1, 50));
    return;
  }
  frame.reply_requested = now - last_heard_ > kAskAfter || (server_.troubles && server_.chance.happens(0.02));
  next_keepalive_ = now + milliseconds(server_.chance.between(100, 5'000));
}

Status FakeSource::send_status(Lsn received, Lsn confirmed, bool) {
  if (closed_ || frozen_) return ok();  // nobody hears it
  if (is_cut()) return cut();
  if (confirmed < last_confirmed_)
    server_.truth.red("a connection confirmed less than before: " + to_string(confirmed));
  if (received < confirmed) server_.truth.red("confirmed more than was received");
  last_heard_ = server_.heard_at = server_.clock.now();
  last_confirmed_ = confirmed;
  server_.confirm(server_.sabotage.confirms_received ? received : confirmed);
  return ok();
}

}  // namespace realtime::sim
