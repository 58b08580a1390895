#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstdint>

namespace realtime {

/// A number that only grows. Invariant: one thread at a time adds (its owner changes only by a hand-over that
/// orders memory), so a plain load and store suffice; any thread reads, and may see a slightly old value.
/// Relaxed: a counter orders nothing.
class Counter {
 public:
  void add(std::uint64_t n = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// A number that several threads add to; for what happens once a frame or less.
class SharedCounter {
 public:
  void add(std::uint64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// A number that is set. One thread at a time sets, any reads. Relaxed, as above.
class Gauge {
 public:
  void set(std::uint64_t value) { value_.store(value, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// Durations in power-of-two buckets of microseconds: bucket i counts those up to 2^i us, the last the rest.
/// Single writer, as a Counter.
class Histogram {
 public:
  static constexpr std::size_t kBuckets = 26;  // up to 2^24 us = 16.8 s, and above

  void observe_us(std::uint64_t us, std::uint64_t times = 1) {
    const std::size_t bucket = us <= 1 ? 0 : std::min<std::size_t>(std::bit_width(us - 1), kBuckets - 1);
    buckets_[bucket].add(times);
    sum_us_.add(us * times);
  }
  std::uint64_t bucket(std::size_t i) const { return buckets_[i].value(); }
  std::uint64_t sum_us() const { return sum_us_.value(); }
  static constexpr std::uint64_t upper_bound_us(std::size_t i) { return std::uint64_t{1} << i; }

 private:
  std::array<Counter, kBuckets> buckets_{};
  Counter sum_us_;
};

}  // namespace realtime
