#include "pipeline/acknowledger.hpp"

#include <algorithm>

#include "base/failpoint.hpp"

namespace realtime {

void Acknowledger::received(Lsn received, bool reply_requested, TimePoint now) {
  if (received > received_) {
    received_ = received;
    waits_since_ = {};
  }
  if (!reply_requested) return;
  reply_wanted_ = true;
  // A server that is content with our clock never asks: it asks at half its timeout, we speak at a third. One
  // that asks although it has just heard from us is stopping and waits until everything is confirmed.
  const bool heard_lately = last_sent_ != TimePoint{} && now - last_sent_ < settings_.status_interval;
  if (heard_lately && confirmed_ < received_ && !server_waits()) waits_since_ = now;
  next_tick_ = std::min(next_tick_, last_sent_ + settings_.least_interval);
}

Status Acknowledger::tick(TimePoint now) {
  Lsn confirmable{~std::uint64_t{0}};
  for (const Confirmable& queue : queues_) confirmable = std::min(confirmable, queue.lsn());
  const bool news = confirmable > confirmed_;
  if (news && (reply_wanted_ || server_waits())) next_tick_ = std::min(next_tick_, now);
  if (now < next_tick_) return ok();

  if (news) failpoint::hit(failpoint::Point::before_confirm);
  confirmed_ = std::max(confirmed_, confirmable);
  last_sent_ = now;
  next_tick_ = now + settings_.status_interval;
  reply_wanted_ = false;
  metrics_.status_updates.add();
  metrics_.confirmed_lsn.set(confirmed_.value);
  Status sent = source_.send_status(std::max(received_, confirmed_), confirmed_, false);
  if (news) failpoint::hit(failpoint::Point::after_confirm);
  return sent;
}

}  // namespace realtime
