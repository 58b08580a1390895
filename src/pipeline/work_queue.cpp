#include "pipeline/work_queue.hpp"

#include <vector>

#include <concurrentqueue.h>

namespace realtime {

struct WorkQueue::Queue {
  Queue(std::size_t capacity, std::size_t takers) : sequences(capacity), producer(sequences) {
    consumers.reserve(takers);
    for (std::size_t i = 0; i < takers; ++i) consumers.emplace_back(sequences);
  }

  moodycamel::ConcurrentQueue<std::uint64_t> sequences;
  moodycamel::ProducerToken producer;
  std::vector<moodycamel::ConsumerToken> consumers;
};

WorkQueue::WorkQueue(std::size_t capacity, std::size_t takers)
    : queue_(std::make_unique<Queue>(capacity, takers)) {}

WorkQueue::~WorkQueue() = default;

bool WorkQueue::offer(std::uint64_t sequence) {
  return queue_->sequences.enqueue(queue_->producer, sequence);
}

bool WorkQueue::take(std::size_t taker, std::uint64_t& sequence) {
  return queue_->sequences.try_dequeue(queue_->consumers[taker], sequence);
}

bool WorkQueue::looks_empty() const {
  return queue_->sequences.size_approx() == 0;
}

}  // namespace realtime
