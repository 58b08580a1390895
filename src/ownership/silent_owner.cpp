#include "ownership/silent_owner.hpp"

namespace realtime {

bool SilentOwner::is_overdue(const Signs& signs, TimePoint now) {
  if (signs.waits || signs.pid != pid_ || signs.confirmed != confirmed_ || since_ == TimePoint{}) {
    pid_ = signs.pid;
    confirmed_ = signs.confirmed;
    since_ = now;
    return false;
  }
  const bool companion_speaks = signs.companion_silence && *signs.companion_silence <= patience_;
  if (companion_speaks || now - since_ <= patience_) return false;
  since_ = now;
  return true;
}

}  // namespace realtime
