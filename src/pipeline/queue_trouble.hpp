#pragma once

#include <bitset>
#include <mutex>
#include <optional>
#include <string>

#include "realtime/error.hpp"
#include "realtime/lsn.hpp"

#include "base/backoff.hpp"
#include "base/clock.hpp"
#include "metrics/pipeline_metrics.hpp"

namespace realtime {

/// What is wrong with a queue now.
struct QueueTrouble {
  Error error;
  TimePoint since;
};

/// Keeps what is wrong with one queue, for as long as the service runs: a trouble outlives the pipeline that
/// met it. It ends when what failed has succeeded, and with it the backoff: a connection that can be opened
/// does not end the trouble of a step that failed over it. One log line when it begins, one when it turns
/// into a kind that it has not been yet, one when it ends with how long it took. Written by the queue's
/// writer, or by the daemon while there is none; now() by any thread.
class QueueTroubles {
 public:
  QueueTroubles(std::string queue, PipelineMetrics::Queue& metrics, std::uint64_t seed)
      : queue_(std::move(queue)), metrics_(metrics), backoff_(seed) {}

  enum class What {
    connection,  ///< connecting, and reading the record
    step,        ///< a push, or a record that is set
  };
  /// `what` failed. How long to wait before it is tried again.
  Duration failed(What what, Error error, Lsn at, TimePoint now);
  /// `what` has worked.
  void worked(What what, TimePoint now);
  /// Another instance has the queue now: what is wrong with it is not ours to say.
  void let_go();
  std::optional<QueueTrouble> now() const;

 private:
  void end(TimePoint now);

  const std::string queue_;
  PipelineMetrics::Queue& metrics_;
  Backoff backoff_;
  What failed_ = What::connection;  ///< the harder of what has failed in this trouble

  mutable std::mutex mutex_;             // rare: only when something fails, heals or is asked for
  std::optional<QueueTrouble> trouble_;  ///< guarded by mutex_
  std::bitset<static_cast<std::size_t>(ErrorKind::stopped) + 1> said_;  ///< kinds, in this trouble
};

}  // namespace realtime
