// What a position record costs; a writer writes one a batch, a start reads one a queue.
//   write     RecordWriter::write, of which only the position changes
//   format    the whole record anew
//   parse     reading one
#include "realtime/checkpoint_text.hpp"

#include "support/report.hpp"

namespace realtime {
namespace {

Record some_record() {
  Record record;
  record.epoch = 3;
  record.position = {Lsn{0x16'B374'D848}, 123'456'789, Identity{728'123, Lsn{0x16'B374'D800}, 2}, false};
  record.filter = {"wal2json", "public.*", "public.sessions"};
  record.history = {7'412'345'678'901'234'567, 1, "graph", "realtime"};
  return record;
}

void write(benchmark::State& state) {
  const Record record = some_record();
  const RecordWriter writer(record);
  Position position = record.position;
  std::string text;
  writer.write(position, 1, text);
  const bench::Allocations before = bench::allocations();
  std::uint64_t count = 0;
  for (auto _ : state) {
    position.number += 280;
    position.restart.value += 70'000;
    writer.write(position, 1, text);
    benchmark::DoNotOptimize(text.data());
    ++count;
  }
  bench::report(state, count, bench::allocations() - before);
}

void format(benchmark::State& state) {
  const Record record = some_record();
  const bench::Allocations before = bench::allocations();
  std::uint64_t count = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(format_record(record));
    ++count;
  }
  bench::report(state, count, bench::allocations() - before);
}

void parse(benchmark::State& state) {
  const std::string text = format_record(some_record());
  if (!parse_record(text)) state.SkipWithError("not read");
  const bench::Allocations before = bench::allocations();
  std::uint64_t count = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(parse_record(text));
    ++count;
  }
  bench::report(state, count, bench::allocations() - before);
}

BENCHMARK(write);
BENCHMARK(format);
BENCHMARK(parse);

}  // namespace
}  // namespace realtime
