#pragma once

#include <string_view>

#include "realtime/frame.hpp"

#include "postgres/wal2json/head.hpp"

namespace realtime::postgres {

/// Puts the messages of a frame side by side as RESP bulk strings, without moving more than it must:
///
///   |  gap  |{"action":"I","xid":728,"timestamp":"…","schema"...}|  gap  |{"action":...        as received
///                              |$437\r\n{"action":"I","schema"...}\r\n$437\r\n{"action":...          as one
///                              run
///
/// The first message stays where it is: only the few bytes before its xid move over the place of xid and
/// time, so a row of 100 MB costs no more than a small one. Each later one moves left, to the end of the run.
/// It never runs into what is yet to be read: a bulk string is at most 13 bytes of head, the message and 2 of
/// tail, no more than the gap of 16, the payload and its tail room of 2.
///
/// A message whose text had to be written anew (add_text) may be longer: from then on the run is in
/// frame.output. Lives as long as one decode; one thread.
class BulkRun {
 public:
  explicit BulkRun(Frame& frame) : frame_(frame) {}

  /// Adds the event's payload, without what its head says is to be cut out. In stream order.
  void add(const Frame::Event& event, const Wal2jsonHead& head);
  /// Adds another text in the event's place.
  void add_text(const Frame::Event& event, const Wal2jsonHead& head, std::string_view text);
  /// A change that takes a number and is not delivered.
  void add_nothing(const Frame::Event& event, const Wal2jsonHead& head);
  /// Lets the frame know where its run is. Call last.
  void finish();

 private:
  std::size_t size() const {
    return in_output_ ? frame_.output.size() : static_cast<std::size_t>(end_ - begin_);
  }
  void move_to_output();
  void note(const Frame::Event& event, const Wal2jsonHead& head, std::size_t begin, std::size_t length);

  Frame& frame_;
  char* begin_ = nullptr;
  char* end_ = nullptr;
  bool in_output_ = false;
};

}  // namespace realtime::postgres
