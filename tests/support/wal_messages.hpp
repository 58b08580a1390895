#pragma once

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "realtime/output_plugin.hpp"

namespace realtime::test {

/// A message of a slot: what pg_logical_slot_peek_changes gives, or what a test makes up.
struct SlotMessage {
  Lsn lsn;
  std::string data;
};

/// Adds a message as the reader does: a large one comes in a buffer of its own, after the header of XLogData.
inline Status add_to_frame(Framer& framer, Frame& frame, const SlotMessage& message) {
  constexpr std::size_t kXLogDataHeader = 25;
  MallocBuffer buffer(static_cast<char*>(std::malloc(kXLogDataHeader + message.data.size())));
  std::memcpy(buffer.get() + kXLogDataHeader, message.data.data(), message.data.size());
  return framer.add({message.lsn, 0, {buffer.get() + kXLogDataHeader, message.data.size()}, &buffer}, frame);
}

/// Runs messages through a plugin's two halves, in frames as full as the reader's; gives the delivered texts.
/// What stands in the frames' runs must be exactly the bulk strings of the changes, one after another.
struct Decoded {
  std::vector<std::string> texts;
  std::vector<Change> changes;
  std::vector<Mark> marks;
  std::string error;  ///< of the first failure, after which nothing follows
  bool contiguous = true;
};
inline Decoded decode_all(const OutputPlugin& plugin, const std::vector<SlotMessage>& messages) {
  Decoded all;
  const auto framer = plugin.make_framer();
  const auto decoder = plugin.make_decoder();
  Frame frame;
  const auto drain = [&] {
    if (Status status = decoder->decode(frame); !status) {
      all.error = status.error().message;
      return false;
    }
    std::size_t end = 0;
    for (const Change& change : frame.changes) {
      if (change.length == 0) {
        all.texts.emplace_back();
      } else {
        const std::string_view text = frame.message(change);
        const std::string bulk = "$" + std::to_string(text.size()) + "\r\n" + std::string(text) + "\r\n";
        all.contiguous = all.contiguous && change.offset == end && frame.bulk(change) == bulk;
        end = change.offset + change.length;
        all.texts.emplace_back(text);
      }
      all.changes.push_back(change);
    }
    all.marks.insert(all.marks.end(), frame.marks.begin(), frame.marks.end());
    frame.clear();
    return true;
  };
  for (const SlotMessage& message : messages) {
    if (!frame.has_room(message.data.size()) && !drain()) return all;
    if (Status status = add_to_frame(*framer, frame, message); !status) {
      all.error = status.error().message;
      return all;
    }
  }
  drain();
  return all;
}

}  // namespace realtime::test
