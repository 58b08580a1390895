#pragma once

#include <string>
#include <string_view>

namespace realtime::redis {

/// The key of a queue's record: "{name}:position". The braces keep it in the queue's own cluster slot.
inline std::string record_key(std::string_view queue) {
  return "{" + std::string(queue) + "}:position";
}

/// The key of what is too long for the record: "{name}:stream" (checkpoint_text.hpp, format_lists).
inline std::string lists_key(std::string_view queue) {
  return "{" + std::string(queue) + "}:stream";
}

}  // namespace realtime::redis
