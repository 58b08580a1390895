#pragma once

// Counts what operator new gives, while it is told to. Replaces the program's operator new: in one file of a
// program, and in none with a sanitizer, whose own it would replace. One thread.
#include <cstdint>
#include <cstdlib>
#include <new>

namespace realtime::test {

inline std::uint64_t allocations = 0;
inline bool counting = false;

}  // namespace realtime::test

void* operator new(std::size_t size) {
  realtime::test::allocations += realtime::test::counting;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
