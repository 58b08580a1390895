#pragma once

#include <algorithm>
#include <vector>

#include "fuzz/fuzz.hpp"
#include "support/wal_messages.hpp"

namespace realtime::test {

/// The input as a slot's messages: each two bytes of length, then so many bytes.
inline std::vector<SlotMessage> messages_of(std::string_view input) {
  std::vector<SlotMessage> messages;
  while (input.size() > 2) {
    const auto wanted = static_cast<std::size_t>(static_cast<unsigned char>(input[0]) << 8 |
                                                 static_cast<unsigned char>(input[1]));
    const std::string_view data = input.substr(2, wanted);
    messages.push_back({Lsn{messages.size() + 1}, std::string(data)});
    input.remove_prefix(2 + data.size());
  }
  return messages;
}

/// Whatever comes in, what goes out is a run of whole bulk strings: a wrong length would let Redis read a row
/// as a command.
inline void decodes_to_whole_bulks(const OutputPlugin& plugin, std::string_view input) {
  const Decoded decoded = decode_all(plugin, messages_of(input));
  require(decoded.contiguous, "the run of bulk strings has a gap or a wrong length");
  require(decoded.texts.size() == decoded.changes.size(), "a text for each change");
}

}  // namespace realtime::test
