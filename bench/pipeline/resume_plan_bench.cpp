// What numbering costs, ns a message: the pure part of the sequencer and of a writer.
//   number/R       identify() and message() with R rows a transaction, several of them at one LSN where R > 1
//   discard        the same for messages that the base has passed
//   progress       QueueProgress::after() and record(), once a batch
//   base_of/Q      the choice among Q queues' positions, once a start
#include <vector>

#include "ownership/resume_decision.hpp"
#include "pipeline/resume_plan.hpp"
#include "support/report.hpp"

namespace realtime {
namespace {

void number(benchmark::State& state) {
  const auto rows = static_cast<std::uint64_t>(state.range(0));
  StreamNumbering numbering({Lsn{1}, 0, {}, true}, Lsn{1}, Discard::nothing);
  const bench::Allocations before = bench::allocations();
  std::uint64_t count = 0;
  for (auto _ : state) {
    ++count;
    const Lsn lsn{1000 + (rows == 1 ? count : count / 4) * 256};
    benchmark::DoNotOptimize(
        numbering.message(numbering.identify(static_cast<std::uint32_t>(count / rows), lsn)));
  }
  bench::report(state, count, bench::allocations() - before);
}

void discard(benchmark::State& state) {
  const Identity never{0xFFFFFFFF, Lsn{~std::uint64_t{0}}, 0};
  StreamNumbering numbering({Lsn{2}, 1u << 30, never, false}, Lsn{1}, Discard::through_last);
  const bench::Allocations before = bench::allocations();
  std::uint64_t count = 0;
  for (auto _ : state) {
    ++count;
    benchmark::DoNotOptimize(
        numbering.message(numbering.identify(static_cast<std::uint32_t>(count), Lsn{1000 + count * 256})));
  }
  bench::report(state, count, bench::allocations() - before);
}

void progress(benchmark::State& state) {
  QueueProgress progress({Lsn{1}, 0, {}, true});
  const bench::Allocations before = bench::allocations();
  std::uint64_t count = 0;
  for (auto _ : state) {
    ++count;
    const Position reached{Lsn{count * 256}, count * 280, Identity{7, Lsn{count * 256}, 0}, false};
    const auto position = progress.after(reached);
    benchmark::DoNotOptimize(position);
    if (position) progress.record(*position);
  }
  bench::report(state, count, bench::allocations() - before);
}

void choose_base(benchmark::State& state) {
  std::vector<Position> positions;
  for (std::uint64_t q = 0; q < static_cast<std::uint64_t>(state.range(0)); ++q) {
    positions.push_back({Lsn{1000 - q}, 500 + q, Identity{7, Lsn{900}, 0}, false});
  }
  for (auto _ : state) benchmark::DoNotOptimize(base_of(positions));
}

BENCHMARK(number)->Arg(1)->Arg(1000);
BENCHMARK(discard);
BENCHMARK(progress);
BENCHMARK(choose_base)->Name("base_of")->Arg(2)->Arg(16);

}  // namespace
}  // namespace realtime
