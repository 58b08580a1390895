// What the sequencer costs, ns a change: it is one thread, so it must stay above 3 million changes a second.
//   sequence/R      numbers frames of 140 changes, R rows a transaction; the frames are decoded already
//   discard         the same where every change was passed before (a resume)
//   keepalives      a keepalive after every change
#include "pipeline/sequencer.hpp"
#include "support/report.hpp"

namespace realtime {
namespace {

constexpr std::uint32_t kChanges = 140;  // of 437 bytes: a frame of 64 KiB
constexpr std::size_t kFrames = 200;     // fewer than the window has places

/// A window whose frames hold decoded changes, all of them ready for the sequencer.
class DecodedWindow {
 public:
  DecodedWindow(std::uint32_t rows, bool keepalives)
      : window_(16 << 20, 1), rows_(rows), keepalives_(keepalives) {}

  void fill() {
    for (std::size_t f = 0; f < kFrames; ++f) {
      auto frame = window_.spare_frame();
      for (std::uint32_t i = 0; i < kChanges; ++i, ++count_) {
        lsn_ += 256;
        frame->changes.push_back({i * 450, 450, static_cast<std::uint32_t>(count_ / rows_), 0, Lsn{lsn_}});
        if (keepalives_) frame->marks.push_back({Mark::Kind::keepalive, 0, i + 1, Lsn{lsn_ + 8}});
      }
      frame->received_at = std::chrono::steady_clock::now();
      window_.stamp_decoded(window_.claim(std::move(frame)));
    }
  }
  void empty() {
    window_.publish_taken(0, window_.sequenced());
    window_.release();
  }
  InFlightWindow& window() { return window_; }

 private:
  InFlightWindow window_;
  const std::uint64_t rows_;
  const bool keepalives_;
  std::uint64_t count_ = 1, lsn_ = 1'000'000;
};

void run(benchmark::State& state, DecodedWindow& decoded, const SequencerPlan& plan) {
  const SteadyClock clock;
  Outcome outcome;
  PipelineMetrics metrics;
  Sequencer sequencer(plan, decoded.window(), clock, outcome, metrics);
  bench::Allocations allocated;
  std::uint64_t changes = 0;
  for (auto _ : state) {
    state.PauseTiming();
    decoded.fill();
    const bench::Allocations before = bench::allocations();
    state.ResumeTiming();
    const std::size_t places = sequencer.do_work();
    state.PauseTiming();
    const bench::Allocations now = bench::allocations() - before;
    allocated = {allocated.calls + now.calls, allocated.bytes + now.bytes};
    changes += places * kChanges;
    decoded.empty();
    state.ResumeTiming();
  }
  if (outcome.error()) state.SkipWithError(outcome.error()->message.c_str());
  bench::report(state, changes, allocated);
}

void sequence(benchmark::State& state) {
  DecodedWindow decoded(static_cast<std::uint32_t>(state.range(0)), false);
  run(state, decoded, {{Lsn{1}, 0, {}, true}, Lsn{1}, Discard::nothing, {}});
}
void discard(benchmark::State& state) {
  const Identity never{0xFFFFFFFF, Lsn{~std::uint64_t{0}}, 0};
  DecodedWindow decoded(1, false);
  run(state, decoded, {{Lsn{2}, 1u << 30, never, false}, Lsn{1}, Discard::through_last, {}});
}
void keepalives(benchmark::State& state) {
  DecodedWindow decoded(1, true);
  run(state, decoded, {{Lsn{1}, 0, {}, true}, Lsn{1}, Discard::nothing, {}});
}

BENCHMARK(sequence)->Arg(1)->Arg(1000)->Unit(benchmark::kMicrosecond);
BENCHMARK(discard)->Unit(benchmark::kMicrosecond);
BENCHMARK(keepalives)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace realtime
