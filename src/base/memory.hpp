#pragma once

#include <cstdlib>
#include <new>

namespace realtime {

/// std::realloc that never fails, as operator new does not: where there is no memory it asks the new handler
/// first, and throws std::bad_alloc where there is none. For buffers that std::free must take. Any thread.
inline void* reallocated(void* memory, std::size_t size) {
  for (;;) {
    if (void* const got = std::realloc(memory, size)) return got;
    const std::new_handler handler = std::get_new_handler();
    if (handler == nullptr) throw std::bad_alloc();
    handler();
  }
}

}  // namespace realtime
