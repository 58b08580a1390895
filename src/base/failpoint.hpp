#pragma once

#include <array>
#include <string_view>

namespace realtime::failpoint {

/// The places at which a crash test may kill the process. In the order of a change's way.
enum class Point {
  after_receive,            ///< the reader has a drain, nobody else has seen it
  after_decode,             ///< a decoder is done with a frame
  before_push,              ///< a writer has built a batch
  after_push_before_reply,  ///< the batch is sent, its reply not read
  between_queues,           ///< one queue has taken a frame, another not
  before_confirm,           ///< a position was found safe to confirm
  after_confirm,            ///< it was sent to PostgreSQL
};
inline constexpr std::array<std::string_view, 7> kNames = {
    "after_receive",  "after_decode",   "before_push",  "after_push_before_reply",
    "between_queues", "before_confirm", "after_confirm"};

#ifdef REALTIME_FAILPOINTS
inline constexpr bool kBuiltIn = true;
/// Kills the process (SIGKILL) at the count-th pass of the point that HASH_REALTIME_FAILPOINT="name[:count]"
/// names; a wrong name ends the process at the first pass of any point. Any thread.
void hit(Point point);
#else
inline constexpr bool kBuiltIn = false;
/// Only builds with REALTIME_FAILPOINTS have failpoints.
inline void hit(Point) {}
#endif

}  // namespace realtime::failpoint
