#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <semaphore>

#include "pipeline/pipeline.hpp"
#include "support/null_sink.hpp"

namespace realtime::bench {

/// The real pipeline with its real threads, from any source into queues that keep nothing:
///
///   Source -> reader -> window -> N decoders -> sequencer -> writer -> NullSink       one writer and sink a
///   queue
///
/// One owner; destroying it stops the threads.
class NullPipeline {
 public:
  struct Settings {
    std::size_t decoders = 1;
    std::size_t queues = 2;
    std::size_t max_in_flight_bytes = std::size_t{16} << 20;
    std::uint64_t messages =
        0;           ///< that every queue is to get: then wait() returns; 0: only an error ends it
    Lsn start = {};  ///< where the source begins
    NullSink::OnPush first_queue = {};  ///< sees what the first queue gets, on its writer's thread
  };

  NullPipeline(std::unique_ptr<Source> source, std::shared_ptr<const OutputPlugin> plugin,
               const Settings& settings);

  void start() { pipeline_->start(); }
  /// Waits until every queue has its messages. An error, if the pipeline failed before.
  std::optional<Error> wait();
  /// As wait(), but not for longer than `limit`; false: not yet there.
  bool wait_for(Duration limit) { return done_.try_acquire_for(limit); }
  std::optional<Error> error() const { return pipeline_->error(); }
  const PipelineMetrics& metrics() const { return metrics_; }

 private:
  NullSink::OnPush counting(NullSink::OnPush then);

  const std::uint64_t messages_;
  std::atomic<std::size_t> unfinished_queues_;
  std::counting_semaphore<> done_{0};
  SteadyClock clock_;
  PipelineMetrics metrics_;
  std::unique_ptr<Pipeline> pipeline_;
};

}  // namespace realtime::bench
