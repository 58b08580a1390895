#include "ownership/kept_stream.hpp"

namespace realtime {

Result<Drained> KeptStream::drain(Frame& frame) {
  if (kept_.empty()) return stream_->drain(frame);
  if (frame.empty()) {
    kept_.front()->move_to(frame);
    kept_.pop_front();
  }
  return Drained::filled;  // there is more at once, be it the stream's own answer
}

}  // namespace realtime
