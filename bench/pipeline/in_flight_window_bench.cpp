// What a frame costs on its way through the window, on one thread: no cache line travels, nobody waits.
//   claim_to_release/Q   a frame from spare_frame() through claim, decoded stamp, sequenced and Q queues'
//   taken back to
//                        the spares. A frame of 256 KiB holds about 570 messages of 437 bytes: divide by
//                        that.
//   in_flight/N          the same with N frames in flight at any time
#include "pipeline/in_flight_window.hpp"
#include "support/report.hpp"

namespace realtime {
namespace {

void pass_one(InFlightWindow& window, std::size_t queues) {
  const std::uint64_t sequence = window.claim(window.spare_frame());
  window.stamp_decoded(sequence);
  benchmark::DoNotOptimize(window.is_decoded(sequence));
  window.publish_sequenced(sequence + 1);
  for (std::size_t q = 0; q < queues; ++q) window.publish_taken(q, sequence + 1);
}

void claim_to_release(benchmark::State& state) {
  const auto queues = static_cast<std::size_t>(state.range(0));
  InFlightWindow window(16 << 20, queues);
  const bench::Allocations before = bench::allocations();
  for (auto _ : state) {
    pass_one(window, queues);
    window.release();
  }
  bench::report(state, window.released(), bench::allocations() - before);
}

void in_flight(benchmark::State& state) {
  const auto frames = static_cast<std::uint64_t>(state.range(0));
  InFlightWindow window(16 << 20, 2);
  for (std::uint64_t i = 0; i < frames; ++i)
    pass_one(window, 2);  // makes the frames that the window then keeps
  window.release();
  const bench::Allocations before = bench::allocations();
  for (auto _ : state) {
    for (std::uint64_t i = 0; i < frames; ++i) pass_one(window, 2);
    window.release();
  }
  bench::report(state, window.released() - frames, bench::allocations() - before);
}

BENCHMARK(claim_to_release)->Arg(1)->Arg(2)->Arg(16);
BENCHMARK(in_flight)->Arg(16)->Arg(48);

}  // namespace
}  // namespace realtime
