#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "realtime/frame.hpp"

#include "postgres/pgoutput/text_out.hpp"

namespace realtime::postgres::pgoutput {

/// The run of RESP bulk strings of a frame, written into `room`, which is kept from frame to frame: it stays
/// in the cache, and the frame gets memory for what was written and no more. Lives as long as one decode; one
/// thread.
class TextRun {
 public:
  explicit TextRun(std::string& room) : room_(room) {}

  std::size_t size() const { return used_; }
  /// Where to write a message of at most `most` bytes; `digits` is a guess at how many its length will have.
  /// One that was begun and not ended is forgotten.
  char* begin_bulk(std::size_t most, std::size_t digits);
  /// The message that was begun ends at `end`. Returns how many digits its length has.
  std::size_t end_bulk(const char* end);
  /// The message that was begun, and how long it is.
  std::string_view bulk(const char* end) const { return {text(), bulk_size(end)}; }
  std::size_t bulk_size(const char* end) const { return static_cast<std::size_t>(end - text()); }
  /// Gives the run to the frame. Call last.
  void give_to(Frame& frame);

 private:
  char* text() const { return room_.data() + used_ + digits_ + kAroundDigits; }

  static constexpr std::size_t kAroundDigits = 3;  ///< $ and \r\n
  std::string& room_;                              ///< never shorter than what is written
  std::size_t used_ = 0;
  std::size_t digits_ = 0;  ///< of the message that was begun
};

}  // namespace realtime::postgres::pgoutput
