#include "pipeline/reader.hpp"

#include <algorithm>
#include <utility>

#include <poll.h>

#include "base/failpoint.hpp"
#include "base/log.hpp"

namespace realtime {

std::size_t Reader::do_work() {
  if (failed_) return 0;
  const TimePoint now = clock_.now();
  const std::size_t freed = window_.release();
  metrics_.in_flight_places.set(window_.claimed() - window_.released());
  metrics_.in_flight_bytes.set(window_.bytes());

  if (!closed_) {
    if (Status sent = acknowledger_.tick(now); !sent) return fail(std::move(sent.error())), 0;
    if (acknowledger_.server_waits() != is_hurried()) {
      hurried_.store(acknowledger_.server_waits(), std::memory_order_relaxed);
      downstream_.hurry();
    }
    if (acknowledger_.server_waits() && window_.all_taken() && acknowledger_.nothing_is_to_come()) {
      return fail({ErrorKind::postgres_starting,
                   "the server is stopping, and everything that is recorded has been confirmed"}),
             0;
    }
    if (acknowledger_.server_waited_enough(now)) {
      return fail({ErrorKind::postgres_starting,
                   "the server is stopping and has waited for the replay window"}),
             0;
    }
  }
  if (const char* why = release_.load(std::memory_order_acquire); why != nullptr && !closed_) close(why);
  if (!reading_.load(std::memory_order_acquire) || closed_) {
    if (window_.all_taken() && !reading_.load(std::memory_order_acquire))
      drained_.store(true, std::memory_order_release);
    if (window_.all_taken() && closed_)
      fail(end_.value_or(
          Error{ErrorKind::reconnect_wanted, "the slot was let go, and nothing is left in flight"}));
    return freed;
  }
  if (wants_rebuild()) {
    return fail({ErrorKind::reconnect_wanted,
                 "a large row has passed: the connection's memory is given back"}),
           0;
  }
  if (now < gather_until_) return freed;
  return freed + (read(now) ? 1 : 0);
}

/// One drain. True: there is more to do at once.
bool Reader::read(TimePoint now) {
  if (!window_.has_room()) {
    if (waiting_ == Waiting::window && now - waiting_since_ > kLongestBlock) {
      close("a queue has been stuck for a minute; an unread connection would hold the server up");
    } else {
      note_wait(Waiting::window, now);
    }
    return false;
  }
  if (!frame_) frame_ = window_.spare_frame();
  const Result<Drained> drained = source_.drain(*frame_);
  if (!frame_->empty()) {
    note_wait(waiting_ == Waiting::window ? Waiting::postgres : waiting_, now);  // there was room
    place(std::move(frame_), drained ? *drained : Drained::emptied, now);
  }
  if (!drained) return end(drained.error()), false;
  if (*drained == Drained::ended) {
    return fail({ErrorKind::postgres_starting, "the server ended the stream: it is stopping"}), false;
  }
  if (*drained == Drained::filled) return true;
  gather(now);
  return false;  // the socket tells when there is more
}

/// Leaves the emptied socket alone for a moment.
void Reader::gather(TimePoint drained) {
  const bool was_behind = pace_.is_behind();
  pace_.emptied(std::exchange(gathered_, {}), drained);
  metrics_.busy.set(pace_.is_busy());
  note_wait(pace_.is_busy() ? Waiting::gathering : Waiting::postgres, drained);
  if (pace_.is_behind() != was_behind) downstream_.set_behind(!was_behind);
  if (pace_.is_busy()) gather_until_ = clock_.now() + pace_.pause();
}

void Reader::place(std::unique_ptr<Frame> frame, Drained drained, TimePoint now) {
  std::uint64_t messages = 0, bytes = 0;
  for (const Frame::Event& event : frame->events()) {
    received_ = std::max(received_, event.lsn);
    if (event.kind == Frame::Event::Kind::message) {
      ++messages;
      bytes += event.length;
    } else {
      metrics_.keepalives.add(event.kind == Frame::Event::Kind::keepalive);
    }
  }
  keepalive_last_ = frame->events().back().kind == Frame::Event::Kind::keepalive;
  frame->received_at = now;
  if (frame->sent_at_us > 0) frame->skew_us = skew_.saw(frame->sent_at_us, server_clock_us());
  acknowledger_.received(received_, frame->reply_requested, now);
  gathered_.messages += frame->events().size();
  gathered_.bytes += bytes;
  gathered_.caught_up = frame->caught_up;
  metrics_.messages.add(messages);
  metrics_.bytes.add(bytes);
  metrics_.frames.add();
  metrics_.received_lsn.set(received_.value);

  failpoint::hit(failpoint::Point::after_receive);
  const std::uint64_t sequence = window_.claim(window_.fit(std::move(frame)));
  if (drained == Drained::filled) {
    downstream_.share(sequence);
  } else {
    metrics_.carried.add();
    downstream_.carry(sequence);
  }
}

void Reader::note_wait(Waiting what, TimePoint now) {
  if (waiting_since_ != TimePoint{}) {
    const auto waited = std::chrono::duration_cast<std::chrono::microseconds>(now - counted_until_).count();
    (waiting_ == Waiting::window ? metrics_.waited_window_us : metrics_.waited_postgres_us)
        .add(static_cast<std::uint64_t>(std::max<std::int64_t>(waited, 0)));
  }
  counted_until_ = now;
  if (what == Waiting::window && waiting_ == what && waiting_since_ != TimePoint{}) return;
  waiting_ = what;
  waiting_since_ = now;
}

void Reader::close(const char* why) {
  log::warn("the slot's connection is closed, and what was received goes on into the queues",
            {{"reason", why}, {"lsn", to_string(received_)}});
  source_.close();
  closed_ = true;
}

/// libpq never gives back what a large row made it take; a new connection does. Only once everything is
/// confirmed and a keepalive was last, so that the row does not come again.
bool Reader::wants_rebuild() const {
  return source_.held_memory() > 0 && keepalive_last_ && acknowledger_.confirmed() >= received_ &&
         window_.all_taken();
}

/// A row that cannot be decoded is passed over by moving the slot: what came before it must be in the queues
/// by then. Anything else comes again.
void Reader::end(Error error) {
  if (error.kind != ErrorKind::row_undecodable) return fail(std::move(error));
  source_.close();
  closed_ = true;
  end_ = std::move(error);
}

void Reader::fail(Error error) {
  failed_ = true;
  source_.close();
  outcome_.fail(std::move(error));
}

Stage::Idle Reader::idle() const {
  if (failed_) return {.deaf = true};
  const bool blocked = !reading_.load(std::memory_order_acquire) || closed_ || !window_.has_room();
  const TimePoint tick = closed_ ? TimePoint::max() : acknowledger_.next_tick();
  if (blocked) return {.fd = -1, .events = 0, .until = tick, .deaf = false};
  if (gather_until_ > clock_.now())
    return {.fd = -1, .events = 0, .until = std::min(tick, gather_until_), .deaf = true};
  return {.fd = source_.fd(), .events = POLLIN, .until = tick, .deaf = true};
}

}  // namespace realtime
