#pragma once

#include "realtime/pipeline_plan.hpp"

#include "metrics/pipeline_metrics.hpp"
#include "pipeline/in_flight_window.hpp"
#include "pipeline/outcome.hpp"
#include "pipeline/resume_plan.hpp"
#include "pipeline/stage.hpp"

namespace realtime {

/// Walks the window in order, so that what the pool finished in any order leaves in commit order: numbers
/// each change, discards what was passed before, and publishes the place to the writers.
class Sequencer final : public Stage {
 public:
  Sequencer(const SequencerPlan& plan, InFlightWindow& window, const Clock& clock, Outcome& outcome,
            PipelineMetrics& metrics)
      : plan_(plan),
        numbering_(plan.base, plan.start, plan.discard),
        window_(window),
        clock_(clock),
        outcome_(outcome),
        metrics_(metrics) {}

  std::string name() const override { return "sequencer"; }
  std::size_t do_work() override;
  bool has_work() const override { return !halted_ && window_.is_decoded(next_); }
  Idle idle() const override { return {}; }

 private:
  bool number(Place& place);
  bool pass(const Mark& mark);
  bool is_gap(Lsn reached) const {
    return numbering_.discarding() && plan_.known_end && reached >= plan_.known_end;
  }
  bool halt_at_gap();

  const SequencerPlan plan_;
  StreamNumbering numbering_;
  InFlightWindow& window_;
  const Clock& clock_;
  Outcome& outcome_;
  PipelineMetrics& metrics_;
  std::uint64_t next_ = 0;
  bool halted_ = false;
};

}  // namespace realtime
