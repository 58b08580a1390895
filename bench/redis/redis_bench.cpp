// Pushing into Redis.
//   encode_lpush/N, encode_xadd/N   RESP heads of a batch of N messages, nothing sent
//   push/list/N, push/stream/N      the queues as they are: MULTI, push, EVAL of the record, EXEC, GET
//   push/list_lua/N, .../stream_lua the same with every message through one Lua script, for comparison
// One connection over TCP, 437-byte messages, a redis-server of the bench's own that keeps nothing on disk.
// Counters: items_per_second; redis_us, redis-server's own CPU for one message.

#include <benchmark/benchmark.h>

#include "redis/list_queue.hpp"
#include "redis/stream_queue.hpp"
#include "redis_bench_support.hpp"

namespace realtime::redis {
namespace {

constexpr std::size_t kMessageBytes = 437;

template <auto write>
void encode(benchmark::State& state) {
  const BenchFrame frame(static_cast<std::size_t>(state.range(0)), kMessageBytes);
  Output output;
  for (auto _ : state) {
    benchmark::DoNotOptimize(write(output, "search", frame.batch(1)));
    output.clear();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

template <typename Queue>
void push(benchmark::State& state) {
  BenchServer server;
  const auto count = static_cast<std::size_t>(state.range(0));
  const BenchFrame frame(count, kMessageBytes);
  Queue queue(server.endpoint(), "q");
  queue.open();
  server.finish(queue);
  std::uint64_t number = 1;
  server.begin();
  for (auto _ : state) {
    queue.push(frame.batch(number), kRecord);
    server.finish(queue);
    number += count;
    if (number % (1 << 18) < count) server.empty_queue(state);
  }
  server.report(state, count);
}

template <bool stream>
void push_through_lua(benchmark::State& state) {
  BenchServer server;
  const auto count = static_cast<std::size_t>(state.range(0));
  const BenchFrame frame(count, kMessageBytes);
  LuaPusher pusher(server.endpoint(), stream);
  std::uint64_t number = 1;
  server.begin();
  for (auto _ : state) {
    if (!pusher.push(frame, number)) state.SkipWithError("refused");
    number += count;
    if (number % (1 << 18) < count) server.empty_queue(state);
  }
  server.report(state, count);
}

void sizes(benchmark::internal::Benchmark* bench) {
  bench->Arg(1)->Arg(10)->Arg(100)->Arg(300)->Arg(1000)->UseRealTime();
}

BENCHMARK(encode<write_lpush>)->Name("encode_lpush")->Arg(100)->Arg(300)->Arg(5000);
BENCHMARK(encode<write_xadd>)->Name("encode_xadd")->Arg(100)->Arg(300);
BENCHMARK(push<ListQueue>)->Name("push/list")->Apply(sizes);
BENCHMARK(push_through_lua<false>)->Name("push/list_lua")->Apply(sizes);
BENCHMARK(push<StreamQueue>)->Name("push/stream")->Apply(sizes);
BENCHMARK(push_through_lua<true>)->Name("push/stream_lua")->Apply(sizes);

}  // namespace
}  // namespace realtime::redis
