#pragma once

#include <string>
#include <string_view>

namespace realtime::redis {

/// The key of a queue's record: "{name}:position". The braces keep it in the queue's own cluster slot.
inline std::string record_key(std::string_view queue) {
  return "{" + std::string(queue) + "}:position";
}

}  // namespace realtime::redis
