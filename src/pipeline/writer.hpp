#pragma once

#include <functional>
#include <optional>
#include <string>

#include "realtime/log_witness.hpp"
#include "realtime/sink.hpp"

#include "base/backoff.hpp"
#include "metrics/pipeline_metrics.hpp"
#include "pipeline/acknowledger.hpp"
#include "pipeline/batch_gatherer.hpp"
#include "pipeline/in_flight_window.hpp"
#include "pipeline/outcome.hpp"
#include "pipeline/push_limit.hpp"
#include "pipeline/queue_record.hpp"
#include "pipeline/queue_trouble.hpp"
#include "pipeline/stage.hpp"
#include "pipeline/standing_records.hpp"

namespace realtime {

struct WriterSettings {
  GatherSettings gather;
  Duration record_interval = std::chrono::milliseconds(2500);  ///< of keepalives, on an idle stream
  Duration replay_window = std::chrono::seconds(5);
  bool skip_oversize = false;  ///< a message that Redis cannot take is left out, else it ends the pipeline
  /// The record is written anew at least so often, as a sign of life; never where it is not wanted.
  Duration beat_interval = Duration::max();
};

/// Takes the sequenced places for one queue: gathers a batch, has the sink deliver it in one atomic step with
/// the record, and settles the places once the record, read again, says so.
///
///   closed --open--> ready --push / set_record / read--> ready      any failure: closed, after a backoff
///   open again
///
/// The record decides everything: it shows our aim, so the step was done; it shows what it was before, so the
/// step was not, and is done again; it shows a step that was given up and done late, so we go on from there;
/// anything else means that somebody took over (fenced) or that Redis forgot, and the pipeline is rebuilt
/// from the records (QueueRecord). A lost reply needs no rule of its own.
///
/// A connection that ends while it is idle (Redis' `timeout`, a balancer) is no trouble: it is opened anew at
/// once. A push that breaks its connection again and again is tried with less, and a message that does so
/// alone is one that Redis cannot take (PushLimit).
class Writer final : public Stage {
 public:
  /// `record` is what Redis holds for this queue, with our epoch; `filter` is the stream's. `witness` may be
  /// null: then keepalives are recorded without a hash of the log.
  Writer(std::size_t index, const Record& record, const Filter& filter, QueueSink& sink,
         InFlightWindow& window, const Clock& clock, Outcome& outcome, Confirmable& confirmable,
         LogWitness* witness, std::function<bool()> hurried, const WriterSettings& settings,
         PipelineMetrics::Queue& metrics, QueueTroubles& troubles);

  std::string name() const override { return "writer-" + std::to_string(index_); }
  std::size_t do_work() override;
  bool has_work() const override { return state_ == State::ready && gatherer_.has_news(); }
  Idle idle() const override;

  /// What is wrong now, if anything. Any thread.
  std::optional<QueueTrouble> trouble() const { return troubles_.now(); }
  /// The number of the last message that the record covers. Any thread.
  std::uint64_t recorded_number() const { return metrics_.written_number.value(); }

 private:
  enum class State { closed, opening, ready, working, ended };
  enum class Step { push, record, read };

  // --- writer_steps.cpp
  bool begin_step(TimePoint now);
  void begin_push(TimePoint now);
  bool begin_record(TimePoint now);
  std::optional<Position> keepalive_to_record(TimePoint now);
  std::optional<Position> with_log(TimePoint now);
  void begin(Step step, TimePoint now);
  // --- writer_outcomes.cpp
  void observe(Observation& seen, TimePoint now);
  void settle(TimePoint now);
  void follow(TimePoint now);
  void count_batch(TimePoint now);
  // --- writer_failures.cpp
  void retry(Error error, TimePoint now);
  void reopen(TimePoint now);
  std::optional<Error> note_break(Error& error, TimePoint now);
  Error too_large(const BatchGatherer::Message& message, const std::string& why) const;
  void end(Error error);

  const std::size_t index_;
  QueueSink& sink_;
  const Clock& clock_;
  Outcome& outcome_;
  Confirmable& confirmable_;
  LogWitness* const witness_;
  const std::function<bool()> hurried_;
  const WriterSettings settings_;
  PipelineMetrics::Queue& metrics_;
  QueueTroubles& troubles_;

  State state_ = State::closed;
  QueueRecord record_;
  BatchGatherer gatherer_;

  Step step_ = Step::read;  ///< the one that runs, or ran last
  TimePoint step_began_{};

  StandingRecords standing_;
  TimePoint record_due_{};
  TimePoint beat_due_{};
  std::optional<Position> candidate_;  ///< a keepalive's point that waits for its log hash
  TimePoint ask_again_ = TimePoint::max();
  bool only_beats_ = false;  ///< the running step, or the last one, changes nothing but the sign of life
  TimePoint retry_at_{};

  PushLimit limit_;
  TimePoint opened_at_{};
  TimePoint last_step_end_{};    ///< when Redis was heard last
  bool after_idleness_ = false;  ///< the running step is the first after a long silence
  Backoff reopen_backoff_;       ///< of connections that end as soon as they are open
  bool unsaved_ = false;         ///< Redis cannot save: nothing is confirmed until a step is done again
};

}  // namespace realtime
