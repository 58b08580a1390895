#include "pipeline/sequencer.hpp"

namespace realtime {

std::size_t Sequencer::do_work() {
  std::size_t done = 0;
  while (!halted_ && window_.is_decoded(next_)) {
    Place& place = window_.at(next_);
    if (!number(place)) break;
    const auto since_received = [&place](TimePoint then) {
      const auto waited =
          std::chrono::duration_cast<std::chrono::microseconds>(then - place.frame->received_at);
      return static_cast<std::uint64_t>(waited.count());
    };
    metrics_.decoders.wait_and_decode.observe_us(since_received(place.decoded_at));
    metrics_.sequencer.received_to_sequenced.observe_us(since_received(clock_.now()));
    ++next_;
    ++done;
  }
  if (done > 0) {
    metrics_.sequencer.sequenced_lsn.set(numbering_.position().restart.value);
    metrics_.sequencer.sequenced_number.set(numbering_.position().number);
    window_.publish_sequenced(next_);
  }
  return done;
}

bool Sequencer::number(Place& place) {
  Frame& frame = *place.frame;
  const std::uint64_t before = numbering_.position().number;
  if (before >= plan_.last_number) {
    halted_ = true;  // the writers settle what they have; the pipeline is rebuilt with the new filter
    return false;
  }
  std::uint32_t discarded = 0;
  std::size_t mark = 0;
  for (std::uint32_t i = 0; i < frame.changes.size(); ++i) {
    for (; mark < frame.marks.size() && frame.marks[mark].after <= i; ++mark) {
      if (!pass(frame.marks[mark])) return false;
    }
    Change& change = frame.changes[i];
    const Identity identity = numbering_.identify(change.xid, change.lsn, change.committed_us);
    change.ordinal = identity.ordinal;
    if (!numbering_.message(identity)) ++discarded;
    if (is_gap(change.lsn)) return halt_at_gap();
  }
  for (; mark < frame.marks.size(); ++mark) {
    if (!pass(frame.marks[mark])) return false;
  }
  // What is discarded is a prefix of the stream: once a number is given, every later change gets one.
  place.first_live = discarded;
  place.first_number = before + 1;
  place.end = numbering_.position();
  place.message_restart = numbering_.message_restart();
  metrics_.sequencer.changes.add(frame.changes.size() - discarded);
  metrics_.sequencer.discarded.add(discarded);
  return true;
}

bool Sequencer::pass(const Mark& mark) {
  switch (mark.kind) {
    case Mark::Kind::keepalive:
      numbering_.keepalive(mark.lsn);
      break;
    case Mark::Kind::begin:
      numbering_.begin(mark.xid, mark.committed_us);
      break;
  }
  return is_gap(mark.lsn) ? halt_at_gap() : true;
}

bool Sequencer::halt_at_gap() {
  halted_ = true;
  outcome_.fail(
      {ErrorKind::gap, "the stream from " + to_string(plan_.start) + " no longer holds message " +
                           std::to_string(plan_.base.number) + ", which the records say was the last one" +
                           (plan_.base.last ? " (row " + to_string(plan_.base.last->lsn) + ")" : "")});
  return false;
}

}  // namespace realtime
