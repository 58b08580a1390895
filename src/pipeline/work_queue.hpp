#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace realtime {

/// Shares out decoding: the reader offers the sequence of a place, any decoder takes it. Lock-free
/// (moodycamel's ConcurrentQueue). It is FIFO per producer only and not linearizable, so nothing rests on its
/// order or on its emptiness: order, bound and end of the stream are the window's cursors.
///
/// Concurrency: offer() by the reader alone (one thread at a time); take() by any decoder with its own index.
class WorkQueue {
 public:
  WorkQueue(std::size_t capacity, std::size_t takers);
  ~WorkQueue();
  WorkQueue(const WorkQueue&) = delete;
  WorkQueue& operator=(const WorkQueue&) = delete;

  /// False only where memory has run out; at most `capacity` sequences may be in it.
  bool offer(std::uint64_t sequence);
  /// The next sequence for taker number `taker`, or false.
  bool take(std::size_t taker, std::uint64_t& sequence);
  /// Whether there may be something to take.
  bool looks_empty() const;

 private:
  struct Queue;
  std::unique_ptr<Queue> queue_;
};

}  // namespace realtime
