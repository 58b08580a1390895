// The whole pipeline with its real threads, from memory into queues that keep nothing:
//
//   replayed stream -> reader -> window -> N decoders -> sequencer -> 2 writers -> null sinks
//
//   pipeline/437/N     a made-up stream of messages of 437 bytes, N decoders; also 1129 and 3319 bytes
//   captured/N         the file that REALTIME_BENCH_STREAM names (see bench/capture), where it is set
// REALTIME_BENCH_DECODERS=N adds one more N. `each` is time a message through all stages together, not the
// time it is under way; `cpu_each` is what all threads together used for it. `allocated_bytes_each` leaves
// the first half out, in which the window gets its frames.
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "pipeline/pipeline.hpp"
#include "postgres/wal2json/wal2json.hpp"
#include "support/decoder_counts.hpp"
#include "support/null_pipeline.hpp"
#include "support/replay_source.hpp"
#include "support/report.hpp"
#include "support/stream_file.hpp"
#include "support/synthetic_stream.hpp"

namespace realtime::bench {
namespace {

constexpr std::size_t kLaps = 10;

/// How many messages of the stream a queue gets; some are not delivered (TRUNCATE).
std::uint64_t messages_of(const std::shared_ptr<const Stream>& stream, const OutputPlugin& plugin) {
  ReplaySource source(stream, plugin);
  const auto decoder = plugin.make_decoder();
  Frame frame;
  std::uint64_t count = 0;
  for (Drained drained = Drained::filled; drained == Drained::filled; frame.clear()) {
    const Result<Drained> read = source.drain(frame);
    if (!read || !decoder->decode(frame)) return 0;
    for (const Change& change : frame.changes) count += change.length > 0;
    drained = *read;
  }
  return count;
}

double process_cpu_seconds() {
  timespec used{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

void replay(benchmark::State& state, const std::shared_ptr<const Stream>& stream, std::size_t decoders) {
  const auto plugin = std::make_shared<postgres::Wal2json>(Filter{}, OversizePolicy{}, nullptr);
  const std::uint64_t messages = messages_of(stream, *plugin) * kLaps;
  if (messages == 0) return state.SkipWithError("the stream cannot be decoded, or holds nothing");
  std::uint64_t total = 0;
  double cpu_seconds = 0;
  Allocations warm, allocated;
  for (auto _ : state) {
    auto source = std::make_unique<ReplaySource>(stream, *plugin, kLaps, [&](std::size_t lap) {
      if (lap == kLaps / 2) warm = allocations();
    });
    NullPipeline pipeline(std::move(source), plugin,
                          {.decoders = decoders, .messages = messages, .start = Lsn{1}});
    const double cpu_before = process_cpu_seconds();
    const TimePoint begin = std::chrono::steady_clock::now();
    pipeline.start();
    const std::optional<Error> error = pipeline.wait();
    state.SetIterationTime(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    cpu_seconds += process_cpu_seconds() - cpu_before;
    const Allocations now = allocations() - warm;
    allocated = {allocated.calls + 2 * now.calls, allocated.bytes + 2 * now.bytes};
    if (error) return state.SkipWithError(error->message.c_str());
    total += messages;
  }
  state.counters["cpu_each"] = total == 0 ? 0 : cpu_seconds / static_cast<double>(total);
  report(state, total, allocated, total / messages * kLaps * stream->bytes.size());
}

void synthetic(benchmark::State& state) {
  const auto size = static_cast<std::size_t>(state.range(0));
  const auto stream =
      std::make_shared<Stream>(make_stream({.messages = 16'000'000 / size, .message_bytes = size}));
  replay(state, stream, static_cast<std::size_t>(state.range(1)));
}

void add_benchmarks() {
  const std::vector<std::int64_t> decoders = decoder_counts({1, 2, 4});
  register_by_decoders("pipeline", synthetic, decoders, benchmark::kMillisecond);
  const char* path = std::getenv("REALTIME_BENCH_STREAM");
  if (path == nullptr) return;
  Result<Stream> read = read_stream(path);
  if (!read) {
    std::fprintf(stderr, "%s\n", read.error().message.c_str());
    return;
  }
  const auto stream = std::make_shared<const Stream>(std::move(*read));
  for (const std::int64_t count : decoders) {
    benchmark::RegisterBenchmark("captured",
                                 [stream](benchmark::State& state) {
                                   replay(state, stream, static_cast<std::size_t>(state.range(0)));
                                 })
        ->Arg(count)
        ->UseManualTime()
        ->Unit(benchmark::kMillisecond);
  }
}

[[maybe_unused]] const bool kAdded = (add_benchmarks(), true);

}  // namespace
}  // namespace realtime::bench
