#include "pipeline/batch_gatherer.hpp"

namespace realtime {

BatchGatherer::Found BatchGatherer::gather(const QueueProgress& progress, TimePoint now) {
  if (waits_for_company(now)) return Found::wait;
  const std::uint64_t sequenced = window_.sequenced();
  batch_.pieces.clear();
  batch_.messages = batch_.bytes = 0;
  newest_sent_us_ = 0;
  oldest_received_ = TimePoint::max();
  reached_ = passed_;
  batch_end_ = next_;
  for (; batch_end_ < sequenced && batch_.bytes < limit_; ++batch_end_) {
    const Place& place = window_.at(batch_end_);
    if (!admit(place, progress)) return Found::other_history;
    reached_ = place.end;
    message_restart_ = place.message_restart;
  }
  if (!batch_.pieces.empty()) return Found::batch;
  if (batch_end_ > next_) settle();
  return Found::nothing;
}

/// An atomic step costs Redis and us the same whatever it carries. While the server has more to send than it
/// has sent, a small batch waits a moment; a stream that has caught up is passed on at once.
bool BatchGatherer::waits_for_company(TimePoint now) {
  wait_until_ = TimePoint::max();
  waiting_to_ = 0;
  const std::uint64_t sequenced = window_.sequenced();
  if (sequenced == next_ || window_.at(sequenced - 1).frame->caught_up) return false;
  std::size_t bytes = 0;
  for (std::uint64_t place = next_; place < sequenced; ++place) {
    const Frame& frame = *window_.at(place).frame;
    if (!frame.changes.empty()) bytes += frame.changes.back().offset + frame.changes.back().length;
    if (bytes >= settings_.worth_bytes) return false;
  }
  const TimePoint until = window_.at(next_).frame->received_at + settings_.longest_wait;
  if (now >= until) return false;
  wait_until_ = until;
  waiting_to_ = sequenced;
  return true;
}

/// Adds to the batch what is new to this queue in the place. False: the message with the record's number is
/// another one than the record says.
bool BatchGatherer::admit(const Place& place, const QueueProgress& progress) {
  const Frame& frame = *place.frame;
  const auto count = static_cast<std::uint32_t>(frame.changes.size());
  const std::uint32_t live = count - place.first_live;
  if (live == 0) return true;
  const std::uint64_t taken = progress.recorded().number;
  const auto known = static_cast<std::uint32_t>(
      taken < place.first_number ? 0 : std::min<std::uint64_t>(live, taken - place.first_number + 1));
  if (known > 0 && taken == place.first_number + known - 1) {
    const Change& last = frame.changes[place.first_live + known - 1];
    disagreement_ = {last.xid, last.lsn, last.ordinal, last.committed_us};
    if (!progress.agrees(disagreement_)) return false;
  }
  if (known == live) return true;
  std::uint32_t begin = place.first_live + known;
  if (!left_out_.empty()) [[unlikely]] {
    for (std::uint32_t i = begin; i < count; ++i) {
      const std::uint64_t number = place.first_number + (i - place.first_live);
      if (std::find(left_out_.begin(), left_out_.end(), number) == left_out_.end()) continue;
      if (i > begin) add(frame, begin, i, place.first_number + (begin - place.first_live));
      begin = i + 1;
    }
    if (begin == count) return true;
  }
  add(frame, begin, count, place.first_number + (begin - place.first_live));
  if (frame.sent_at_us > 0) newest_sent_us_ = std::max(newest_sent_us_, frame.sent_at_us + frame.skew_us);
  oldest_received_ = std::min(oldest_received_, frame.received_at);
  return true;
}

void BatchGatherer::add(const Frame& frame, std::uint32_t begin, std::uint32_t end,
                        std::uint64_t first_number) {
  batch_.pieces.push_back({&frame, begin, end, first_number});
  for (std::uint32_t i = begin; i < end; ++i) {
    batch_.messages += frame.changes[i].length > 0;
    batch_.bytes += frame.changes[i].length;
  }
}

BatchGatherer::Message BatchGatherer::largest() const {
  Message found;
  for (const Piece& piece : batch_.pieces) {
    for (std::uint32_t i = piece.begin; i < piece.end; ++i) {
      const Change& change = piece.frame->changes[i];
      if (found.change == nullptr || change.length > found.change->length)
        found = {piece.frame, &change, piece.first_number + (i - piece.begin)};
    }
  }
  return found;
}

void BatchGatherer::settle() {
  passed_ = reached_;
  next_ = batch_end_;
  window_.publish_taken(queue_, next_);
}

}  // namespace realtime
