#include "pipeline/reading_pace.hpp"

#include <algorithm>

namespace realtime {

void ReadingPace::emptied(const Gathered& gathered, const Source& source) {
  busy_ = gathered.messages > kQuietMessages;
  if (gathered.caught_up) {
    behind_ = 0;
  } else if (is_behind()) {
    if (busy_) adapt(gathered.bytes, source);
  } else if (gathered.messages > 1 && ++behind_ == kPatience) {
    long_pause_ = std::min(kFirstLongPause, source.longest_pause());
    at_this_pause_ = 0;
  }
}

/// A pause in which the socket fills makes the server wait; one that is too short makes it work.
void ReadingPace::adapt(std::size_t bytes, const Source& source) {
  if (++at_this_pause_ < kPatience) return;
  at_this_pause_ = 0;
  const std::size_t room = source.room_for_pause();
  if (bytes > room) {
    long_pause_ = std::max(long_pause_ / 2, std::min(kFirstLongPause, source.longest_pause()));
  } else if (2 * bytes <= room) {
    long_pause_ = std::min(2 * long_pause_, source.longest_pause());
  }
}

Duration ReadingPace::pause() const {
  if (!busy_) return Duration::zero();
  return is_behind() ? long_pause_ : kBusyPause;
}

}  // namespace realtime
