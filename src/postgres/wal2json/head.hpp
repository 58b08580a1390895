#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace realtime::postgres {

/// What wal2json writes at the beginning of every message:
///   {"action":"I","xid":728,"timestamp":"2026-11-22 06:00:53.165619+00","schema":"public","table":"t1",...
struct Wal2jsonHead {
  char action = 0;                ///< B C I U D T M
  std::uint32_t xid = 0;          ///< 0 where it is null (messages outside transactions)
  std::int64_t committed_us = 0;  ///< the commit's time, as in Identity; 0 where none can be read
  std::uint32_t cut_at = 0;       ///< where `,"xid":728` begins
  std::uint32_t cut_length = 0;   ///< and how long it is, with the timestamp after it
};

/// Reads the beginnings of wal2json's messages with RapidJSON and stops as soon as it knows enough: never at
/// a row's values. Reads at most 2 KiB of a message, which is more than two names of 63 bytes can take even
/// when every byte is escaped, and one level deep. Keeps the parser's memory: no allocation once it is warm.
/// One thread. Throws nothing but std::bad_alloc.
class HeadReader {
 public:
  HeadReader();
  ~HeadReader();

  /// Action, xid and time; false where the message does not begin as wal2json's do.
  bool read(std::string_view message, Wal2jsonHead& head);

  struct Names {
    std::string schema, table;
  };
  /// Schema and table, for words to people; false where there are none.
  bool read_names(std::string_view message, Names& names);

 private:
  struct Parser;
  void take_time(std::string_view message, Wal2jsonHead& head);

  std::unique_ptr<Parser> parser_;
  std::string time_text_;  ///< the one read last: a transaction's rows all have it
  std::int64_t time_us_ = 0;
};

}  // namespace realtime::postgres
