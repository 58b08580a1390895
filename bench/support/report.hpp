#pragma once

#include <benchmark/benchmark.h>

#include "support/allocations.hpp"

namespace realtime::bench {

/// The counters that every benchmark shows: time a message (or whatever the unit of work is), units a second,
/// and what was allocated for one, in bytes.
inline void report(benchmark::State& state, std::uint64_t units, const Allocations& allocated,
                   std::uint64_t bytes = 0) {
  const auto number = static_cast<double>(units);
  state.SetItemsProcessed(static_cast<std::int64_t>(units));
  if (bytes > 0) state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
  state.counters["each"] =
      benchmark::Counter(number, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  state.counters["allocated_bytes_each"] = units == 0 ? 0 : static_cast<double>(allocated.bytes) / number;
}

}  // namespace realtime::bench
