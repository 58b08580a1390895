#pragma once

#include <memory>
#include <optional>

#include "app/decode_warnings.hpp"
#include "app/pipeline_watch.hpp"
#include "app/service_board.hpp"
#include "app/standby.hpp"
#include "app/takeover.hpp"
#include "app/trouble.hpp"
#include "base/backoff.hpp"
#include "base/stop_signal.hpp"
#include "config/config.hpp"
#include "metrics/pipeline_metrics.hpp"
#include "pipeline/pipeline.hpp"
#include "wiring/wiring.hpp"

namespace realtime {

/// The service: standby -> owner -> draining -> stopped.
///
/// Takes the slot over whenever it is free, runs a pipeline until it fails, and does the one recovery there
/// is: tears it down and takes over again from the records. An error that needs a person ends it.
/// Concurrency: run() by one thread; is_moving() and the board by any.
class Daemon {
 public:
  Daemon(const Config& config, const StopSignal& stop, ServiceBoard& board, PipelineMetrics& metrics);

  /// Until the stop signal (0) or a failure that needs a person (1).
  int run();

  /// False: a stage has had work for a minute and made no step, so that a restart would help. Any thread.
  bool is_moving() const { return watch_.is_moving(); }

 private:
  enum class Next { again, standby, stop, fail };

  Next own();
  Next stream(Owned owned);
  Next stand_by();
  Next judge(const Error& error);
  void remember_positions();
  bool pause(Duration duration) { return stop_.wait_until(clock_.now() + duration); }

  const Config& config_;
  const StopSignal& stop_;
  ServiceBoard& board_;
  PipelineMetrics& metrics_;
  SteadyClock clock_;
  std::shared_ptr<DecodeWarnings> warnings_;
  Wiring wiring_;
  Takeover takeover_;
  Standby standby_;
  Backoff backoff_;
  RepeatGate gate_;
  PipelineWatch watch_;
};

}  // namespace realtime
