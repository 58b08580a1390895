#pragma once

#include <memory>
#include <string>

#include "realtime/output_plugin.hpp"

#include "base/clock.hpp"
#include "base/failpoint.hpp"
#include "metrics/pipeline_metrics.hpp"
#include "pipeline/in_flight_window.hpp"
#include "pipeline/outcome.hpp"
#include "pipeline/stage.hpp"
#include "pipeline/work_queue.hpp"

namespace realtime {

/// Decodes one place of the window in place and stamps it. After a failure the place stays unstamped, so that
/// nothing behind it leaves; the pipeline ends.
inline bool decode_place(Decoder& decoder, InFlightWindow& window, std::uint64_t sequence, const Clock& clock,
                         Outcome& outcome, PipelineMetrics::Decoders& metrics) {
  Place& place = window.at(sequence);
  Status decoded = decoder.decode(*place.frame);
  if (!decoded) {
    outcome.fail(std::move(decoded.error()));
    return false;
  }
  failpoint::hit(failpoint::Point::after_decode);
  metrics.frames.add();
  metrics.changes.add(place.frame->changes.size());
  place.decoded_at = clock.now();
  window.stamp_decoded(sequence);
  return true;
}

/// One of the decoder pool: takes places off the work queue in any order.
class DecoderStage final : public Stage {
 public:
  DecoderStage(std::size_t index, std::unique_ptr<Decoder> decoder, WorkQueue& queue, InFlightWindow& window,
               const Clock& clock, Outcome& outcome, PipelineMetrics::Decoders& metrics)
      : index_(index),
        decoder_(std::move(decoder)),
        queue_(queue),
        window_(window),
        clock_(clock),
        outcome_(outcome),
        metrics_(metrics) {}

  std::string name() const override { return "decoder-" + std::to_string(index_); }
  std::size_t do_work() override {
    std::uint64_t sequence = 0;
    if (!queue_.take(index_, sequence)) return 0;
    const TimePoint began = clock_.now();
    decode_place(*decoder_, window_, sequence, clock_, outcome_, metrics_);
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(clock_.now() - began);
    metrics_.busy_us.add(static_cast<std::uint64_t>(took.count()));
    return 1;
  }
  bool has_work() const override { return !queue_.looks_empty(); }
  Idle idle() const override { return {}; }

 private:
  const std::size_t index_;
  std::unique_ptr<Decoder> decoder_;
  WorkQueue& queue_;
  InFlightWindow& window_;
  const Clock& clock_;
  Outcome& outcome_;
  PipelineMetrics::Decoders& metrics_;
};

}  // namespace realtime
