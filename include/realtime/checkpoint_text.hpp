#pragma once

#include <string>
#include <string_view>

#include "realtime/position.hpp"
#include "realtime/result.hpp"

namespace realtime {

/// The record as text: a format number, a space, one JSON object. Equal records give equal text.
std::string format_record(const Record& record);

/// Reads what format_record wrote. Refuses with record_unreadable what is of a newer format or no record at
/// all.
Result<Record> parse_record(std::string_view text);

/// Writes many records that differ only in their position, without formatting the rest anew.
class RecordWriter {
 public:
  /// Everything of `record` but its position.
  explicit RecordWriter(const Record& record);
  /// The text of format_record for `position`, into `text` (its memory is reused).
  void write(const Position& position, std::string& text) const;

 private:
  std::string head_, tail_;
};

}  // namespace realtime
