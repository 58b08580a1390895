// Counts allocations by standing in front of glibc's malloc. Memory is still glibc's, so free is left alone.
#include "support/allocations.hpp"

#include <atomic>
#include <cstddef>

extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* memory, std::size_t size);
}

namespace realtime::bench {
namespace {

std::atomic<std::uint64_t> calls{0}, bytes{0};

void count(std::size_t size) {
  calls.fetch_add(1, std::memory_order_relaxed);
  bytes.fetch_add(size, std::memory_order_relaxed);
}

}  // namespace

Allocations allocations() {
  return {calls.load(std::memory_order_relaxed), bytes.load(std::memory_order_relaxed)};
}

}  // namespace realtime::bench

extern "C" {

void* malloc(std::size_t size) noexcept {
  realtime::bench::count(size);
  return __libc_malloc(size);
}
void* calloc(std::size_t number, std::size_t size) noexcept {
  realtime::bench::count(number * size);
  return __libc_calloc(number, size);
}
void* realloc(void* memory, std::size_t size) noexcept {
  realtime::bench::count(size);
  return __libc_realloc(memory, size);
}
}
