#pragma once

#include <memory>
#include <thread>

#include "app/queue_lengths.hpp"
#include "app/service_board.hpp"
#include "app/table_watch.hpp"
#include "base/stop_signal.hpp"
#include "metrics/pipeline_metrics.hpp"
#include "postgres/connection.hpp"
#include "status/rates.hpp"
#include "wiring/wiring.hpp"

namespace realtime {

/// Looks after what the stages do not know themselves: where the server's log is, what the slot holds of it,
/// how long the queues are, whether every monitored table arrives, rates and what limits them. A thread of its own with an ordinary connection of
/// its own, so that nothing it waits for holds a stage up. Once a second while something moves or somebody
/// watches, else on the status clock.
class Monitor {
 public:
  Monitor(const Config& config, const Wiring& wiring, const StopSignal& stop, ServiceBoard& board,
          PipelineMetrics& metrics);
  ~Monitor();

  /// Somebody looks at the figures: keep them fresh for a while. Any thread.
  void somebody_watches() { watched_.store(true, std::memory_order_relaxed); }

 private:
  void run();
  void look(TimePoint now);
  bool connect(TimePoint now);
  bool ask(TimePoint now);
  void meet();
  void publish(TimePoint now);

  const Config& config_;
  const Wiring& wiring_;
  const StopSignal& stop_;
  ServiceBoard& board_;
  PipelineMetrics& metrics_;
  QueueLengths lengths_;
  TableWatch tables_;
  std::unique_ptr<postgres::Connection> connection_;
  std::string shown_name_;  ///< what the connection is called in pg_stat_activity
  TimePoint next_connect_{};
  Lsn server_lsn_;
  RateMeter meter_;
  LagClock lag_clock_;
  std::uint64_t last_messages_ = 0;
  std::uint64_t catch_up_from_ = 0;
  /// Set by HTTP's threads, cleared by the monitor's. Relaxed: a hint.
  std::atomic<bool> watched_{false};
  std::thread thread_;
};

}  // namespace realtime
