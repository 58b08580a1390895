#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "realtime/position.hpp"
#include "realtime/result.hpp"

namespace realtime {

/// No record is longer. Redis takes it in, gives it back and logs it with every step.
constexpr std::size_t kMostRecordBytes = 4096;
/// The most that two lists of tables may take in a record, as JSON; longer ones stand beside it.
constexpr std::size_t kMostListBytes = 1024;

/// The filter with these lists; with their digest, where they are too long to stand in a record. `tables` is not empty.
Filter make_filter(std::string plugin, std::string tables, std::string excluded);

/// The record as text: a format number, a space, one JSON object. Equal records give equal text. Format 1; 2 where
/// the filter has a digest. At most kMostRecordBytes: why it was refused is cut where it is too long.
std::string format_record(const Record& record);

/// Reads what format_record wrote, also the last release's, with lists of any length. Refuses with record_newer what
/// is of a format that this version does not know, naming the version that wrote it, with record_unreadable what
/// is no record.
Result<Record> parse_record(std::string_view text);

/// The lists of a filter that has a digest, as they stand beside the record; empty where it has none, or does not know
/// them.
std::string format_lists(const Filter& filter);
/// Puts the lists into the filter that has their digest. False: they are others, or unreadable.
bool add_lists(Filter& filter, std::string_view text);

/// Writes many records that differ only in position and beat, without formatting the rest anew.
class RecordWriter {
 public:
  /// Everything of `record` but its position and its beat.
  explicit RecordWriter(const Record& record);
  /// The text of format_record for these two, into `text` (its memory is reused).
  void write(const Position& position, std::uint64_t beat, std::string& text) const;

 private:
  std::string head_, tail_;
};

}  // namespace realtime
