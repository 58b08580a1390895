#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "realtime/lsn.hpp"

#include "base/clock.hpp"
#include "metrics/pipeline_metrics.hpp"
#include "status/service_facts.hpp"

namespace realtime {

/// Turns counters that only grow into what happened during the last seconds. One thread samples and reads,
/// about once a second; the counters may grow meanwhile. Bounded: keeps a few samples. No errors.
class RateMeter {
 public:
  static constexpr std::size_t kSamples = 6;  ///< a window of five seconds when sampled once a second

  /// `server_lsn`: the server's WAL end when last asked; zero is "not known".
  void sample(const PipelineMetrics& metrics, Lsn server_lsn, TimePoint now);
  /// Between the oldest sample kept and the newest; all zero before the second one.
  RateFacts rates(unsigned decoder_threads) const;

 private:
  using Buckets = std::array<std::uint64_t, Histogram::kBuckets>;
  struct QueueSample {
    std::uint64_t messages, bytes, waited_us, written_lsn;
    Buckets latency;
  };
  struct Sample {
    TimePoint at;
    Lsn server_lsn;
    std::uint64_t messages, bytes, changes, waited_postgres_us, waited_window_us, decoders_busy_us;
    std::vector<QueueSample> queues;
  };
  std::deque<Sample> samples_;
};

/// What keeps an owner's stream from going faster, from the shares of time that the stages waited. `behind`:
/// it catches up; else nothing does where nothing comes.
LimitFacts limited_by(const RateFacts& rates, const PipelineMetrics& metrics, bool behind);

/// Seconds until the lag is worked off at the present rates; none: never, or not known.
std::optional<double> catch_up_seconds(std::uint64_t lag_bytes, const RateFacts& rates);

/// How old the oldest WAL is that was not taken yet: remembers when the server's WAL end was seen to be
/// where. What was already behind at the first sample counts from that sample on, so at the start the answer
/// is a lower bound. One thread. Bounded: kMarks positions, thinned out as the lag grows.
class LagClock {
 public:
  static constexpr std::size_t kMarks = 512;

  void saw(Lsn server_lsn, TimePoint now);
  /// Seconds that `taken` is behind; 0 where it is not.
  double seconds_behind(Lsn taken, TimePoint now);

 private:
  struct Mark {
    Lsn lsn;
    TimePoint at;  ///< first seen
  };
  std::deque<Mark> marks_;
};

}  // namespace realtime
