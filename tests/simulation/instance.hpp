#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/stages.hpp"
#include "simulation/fake_postgres.hpp"
#include "simulation/fake_sink.hpp"

namespace realtime::sim {

/// One owner's process: the real stages, stepped on one thread by chance. `eager` steps any stage at any
/// time; else a stage is stepped only when its thread would be awake, so that a lost wake-up or a wrong Idle
/// shows as a stall.
class Instance final : private Downstream {
 public:
  Instance(const PipelineSettings& settings, const PipelinePlan& plan, PipelineParts parts,
           FakeSource& source, std::vector<FakeSink*> sinks, const SimClock& clock, model::Chance& chance,
           const Truth& truth, bool eager);

  /// Steps one stage; false: it found nothing to do, or none is awake.
  bool step();
  /// When something will happen by itself, at the latest.
  TimePoint next_time() const;
  /// Where no thread is awake: whoever sleeps although there is work for it has missed a wake-up.
  void check_sleepers() const;
  void stop_reading();
  void release_slot();
  /// More than so many bytes in flight are red; what the settings say, unless told.
  void allow_bytes(std::size_t most) { max_bytes_ = most; }

  Stages& stages() { return *stages_; }
  FakeSource& source() { return source_; }
  std::optional<Error> error() const { return outcome_.error(); }

 private:
  struct Agent {
    enum class State { awake, dozing, asleep };  ///< dozing: found nothing, has not announced its sleep yet
    Stage* stage;
    std::function<bool()> is_ready;
    std::function<TimePoint()> next_time;
    std::vector<Agent*> next;
    State state = State::awake;
    Stage::Idle idle;
  };

  void share(std::uint64_t sequence) override;
  void carry(std::uint64_t sequence) override;
  void hurry() override;
  void set_behind(bool) override {}
  bool may_run(const Agent& agent) const;
  bool run(Agent& agent);
  void wake(Agent& agent);
  void carry(Agent& agent);
  void check_bounds() const;

  const SimClock& clock_;
  model::Chance& chance_;
  const Truth& truth_;
  const bool eager_;
  std::size_t max_bytes_;
  FakeSource& source_;
  std::vector<FakeSink*> sinks_;
  Outcome outcome_;
  PipelineMetrics metrics_;
  std::unique_ptr<Stages> stages_;
  Agent reader_, sequencer_;
  std::vector<Agent> decoders_, writers_;
  std::vector<Agent*> all_;
};

}  // namespace realtime::sim
