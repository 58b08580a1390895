#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include <benchmark/benchmark.h>

namespace realtime::bench {

/// With how many decoders a benchmark runs: with these, and with as many as REALTIME_BENCH_DECODERS says.
inline std::vector<std::int64_t> decoder_counts(std::vector<std::int64_t> counts) {
  if (const char* more = std::getenv("REALTIME_BENCH_DECODERS"))
    counts.push_back(std::max(1, std::atoi(more)));
  return counts;
}

/// Registers name/SIZE/N: messages of the usual sizes (bytes), each with every count of decoders. The
/// benchmark sets its time itself.
inline void register_by_decoders(const char* name, void (*run)(benchmark::State&),
                                 const std::vector<std::int64_t>& decoders, benchmark::TimeUnit unit) {
  for (const std::int64_t size : {437, 1129, 3319}) {
    for (const std::int64_t count : decoders)
      benchmark::RegisterBenchmark(name, run)->Args({size, count})->UseManualTime()->Unit(unit);
  }
}

}  // namespace realtime::bench
