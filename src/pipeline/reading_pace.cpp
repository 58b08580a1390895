#include "pipeline/reading_pace.hpp"

namespace realtime {

void ReadingPace::emptied(const Gathered& gathered, TimePoint now) {
  busy_ = gathered.messages > kQuietMessages;
  if (gathered.caught_up) {
    behind_ = 0;
  } else if (!is_behind()) {
    if (gathered.messages > 1 && ++behind_ == kRound) {
      rests_ = 0;
      begin_round(first_, 0, now);
    }
  } else if (busy_) {
    bytes_ += gathered.bytes;
    if (++pauses_ == kRound) judge_round(now);
  }
}

void ReadingPace::begin_round(Duration pause, double rate_to_keep, TimePoint now) {
  long_pause_ = pause;
  rate_to_keep_ = rate_to_keep;
  round_began_ = now;
  bytes_ = 0;
  pauses_ = 0;
}

void ReadingPace::judge_round(TimePoint now) {
  const Duration shorter = std::max(long_pause_ / 2, first_), longer = 2 * long_pause_;
  const auto took = std::chrono::duration_cast<std::chrono::nanoseconds>(now - round_began_).count();
  const double rate = static_cast<double>(bytes_) / static_cast<double>(std::max<std::int64_t>(took, 1));
  const bool was_full = rate < rate_to_keep_;
  if (rests_ > 0) {
    begin_round(--rests_ > 0 ? long_pause_ : shorter, 0, now);  // what fits may have changed
  } else if (was_full || longer > longest_) {
    rests_ = kRest;
    begin_round(was_full ? shorter : long_pause_, 0, now);
  } else {
    begin_round(longer, rate * kTolerance, now);
  }
}

Duration ReadingPace::pause() const {
  if (!busy_) return Duration::zero();
  return is_behind() ? long_pause_ : kBusyPause;
}

}  // namespace realtime
