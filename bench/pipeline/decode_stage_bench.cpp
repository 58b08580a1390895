// How the decoding alone grows with the decoders. In the whole pipeline (pipeline_bench) one thread copies
// every message into its frame, which bounds what more decoders can show; here the frames lie in the window
// before the clock runs:
//
//   frames in the window --> work queue --> N decoder stages, a thread each --> every frame decoded
//
//   decode_stage/437/N   messages of 437 bytes, N decoders (also 1129, 3319); REALTIME_BENCH_DECODERS adds an
//   N.
// `each` is time a message; N times as many decoders should make it an Nth, up to the cores of the machine.
#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "pipeline/decoder_stage.hpp"
#include "postgres/wal2json/wal2json.hpp"
#include "support/decoder_counts.hpp"
#include "support/report.hpp"
#include "support/synthetic_stream.hpp"

namespace realtime::bench {
namespace {

constexpr int kFrames = 60;  // of 256 KiB: what the default window holds

class Decoding {
 public:
  Decoding(std::size_t decoders, std::size_t message_bytes)
      : text_(insert_text(728'123, message_bytes)),
        framer_(plugin_.make_framer()),
        window_(32 << 20, 1),
        queue_(window_.capacity(), decoders) {
    for (std::size_t i = 0; i < decoders; ++i) {
      stages_.push_back(std::make_unique<DecoderStage>(i, plugin_.make_decoder(), queue_, window_, clock_,
                                                       outcome_, metrics_.decoders));
    }
    for (std::size_t i = 1; i < decoders; ++i) threads_.emplace_back([this, i] { take_part(i); });
  }
  ~Decoding() {
    stop_ = true;
    for (std::thread& thread : threads_) thread.join();
  }

  /// Fills the window; the number of messages in it.
  std::size_t fill() {
    std::size_t messages = 0;
    for (int f = 0; f < kFrames; ++f) {
      auto frame = window_.spare_frame();
      while (frame->has_room(text_.size())) (void)framer_->add({Lsn{1}, 0, text_, nullptr}, *frame);
      messages += frame->events().size();
      queue_.offer(window_.claim(std::move(frame)));
    }
    return messages;
  }
  /// Has all of it decoded; the caller is the first of the decoders.
  void decode() {
    left_.fetch_add(kFrames, std::memory_order_acq_rel);
    while (left_.load(std::memory_order_acquire) > 0) step(0);
  }
  void empty() {
    window_.publish_sequenced(window_.claimed());
    window_.publish_taken(0, window_.claimed());
    window_.release();
  }

 private:
  void step(std::size_t decoder) {
    if (stages_[decoder]->do_work() > 0) left_.fetch_sub(1, std::memory_order_acq_rel);
  }
  void take_part(std::size_t decoder) {
    while (!stop_) {
      if (left_.load(std::memory_order_acquire) > 0) step(decoder);
    }
  }

  const std::string text_;
  const postgres::Wal2json plugin_{Filter{}, OversizePolicy{}, nullptr};
  const std::unique_ptr<Framer> framer_;
  InFlightWindow window_;
  WorkQueue queue_;
  Outcome outcome_;
  PipelineMetrics metrics_;
  SteadyClock clock_;
  std::vector<std::unique_ptr<DecoderStage>> stages_;
  /// Frames to be decoded; the threads take none while it is 0. Below it for a moment where one of them is
  /// late and takes a frame of the next filling.
  std::atomic<int> left_{0};
  std::atomic<bool> stop_{false};
  std::vector<std::thread> threads_;
};

void decode_stage(benchmark::State& state) {
  Decoding decoding(static_cast<std::size_t>(state.range(1)), static_cast<std::size_t>(state.range(0)));
  (void)decoding.fill();  // makes the frames that the window then keeps
  decoding.decode();
  decoding.empty();
  std::uint64_t messages = 0;
  Allocations allocated;
  for (auto _ : state) {
    messages += decoding.fill();
    const Allocations before = allocations();
    const TimePoint begin = std::chrono::steady_clock::now();
    decoding.decode();
    state.SetIterationTime(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    const Allocations now = allocations() - before;
    allocated = {allocated.calls + now.calls, allocated.bytes + now.bytes};
    decoding.empty();
  }
  report(state, messages, allocated);
}

[[maybe_unused]] const bool kAdded =
    (register_by_decoders("decode_stage", decode_stage, decoder_counts({1, 2}), benchmark::kMicrosecond),
     true);

}  // namespace
}  // namespace realtime::bench
