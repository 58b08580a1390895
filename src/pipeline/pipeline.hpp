#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "pipeline/relief.hpp"
#include "pipeline/stage_runner.hpp"
#include "pipeline/stages.hpp"

namespace realtime {

/// The story: PostgreSQL's messages go from the reader into the in-flight window, are decoded there by
/// whoever is free, leave in order through the sequencer, and reach each queue through its writer; what every
/// queue has recorded is confirmed to PostgreSQL. ARCHITECTURE.md draws it.
///
/// Operation: construct, start(), then wait for `on_event` or for your own reasons to stop; drain() or
/// abort(); destroy. Concurrency: all methods by the owning thread; `on_event` is called by any stage's
/// thread and must not block.
class Pipeline final : private Downstream {
 public:
  Pipeline(const PipelineSettings& settings, const PipelinePlan& plan, PipelineParts parts,
           const Clock& clock, PipelineMetrics& metrics, std::function<void()> on_event);
  ~Pipeline() override;

  void start();
  /// Stops reading at once and waits until every queue has taken what was read, at most until `deadline`;
  /// then stops. Confirms nothing early: what comes again is known by its number. True: everything was taken.
  bool drain(TimePoint deadline);
  /// Lets go of the slot where a queue cannot be reached, so that a standby may try, or where the server is
  /// silent or stopping (`why` says which, for the log); asks to be rebuilt once the queues have caught up.
  void release_slot(const char* why);
  /// Stops at once. What is not settled is replayed by the next pipeline.
  void abort();

  /// The first failure, which ended the stream; none while it runs.
  std::optional<Error> error() const { return outcome_.error(); }
  std::optional<QueueTrouble> trouble(std::size_t queue) const { return stages_.writers[queue]->trouble(); }
  /// The least number that a queue has recorded.
  std::uint64_t recorded_by_all() const;
  /// Whether each stage moves, and all of them together. Any thread.
  std::vector<Pulse> pulses() const;

 private:
  void share(std::uint64_t sequence) override;
  void carry(std::uint64_t sequence) override;
  void hurry() override;
  void set_behind(bool behind) override;
  void stop_all();

  Outcome outcome_;
  Stages stages_;
  StageRunner reader_, sequencer_;
  std::optional<Relief> relief_;  ///< the reader's, where its socket is soon full
  std::vector<std::unique_ptr<StageRunner>> decoders_, writers_;
  std::size_t next_decoder_ = 0;
  const Clock& clock_;
  PipelineMetrics& metrics_;
};

}  // namespace realtime
