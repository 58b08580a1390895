#pragma once

#include <deque>
#include <string>

#include "base/cache_line.hpp"
#include "metrics/instruments.hpp"

namespace realtime {

/// What the stages count. Lives as long as the process, so that counters survive a rebuilt pipeline. Each
/// group is written by its stage alone and stands on cache lines of its own; any thread reads.
struct PipelineMetrics {
  struct alignas(kCacheLine) Reader {
    Counter messages, bytes, frames, keepalives;
    Counter carried;             ///< frames that the reader took through the next stages itself
    Counter waited_postgres_us;  ///< waiting for the server to send ("waiting for Postgres")
    Counter waited_window_us;    ///< waiting for room in the window (a queue is slower than the stream)
    Counter status_updates;
    Gauge received_lsn;   ///< the highest LSN seen
    Gauge confirmed_lsn;  ///< last sent to the server
    Gauge in_flight_places, in_flight_bytes;
    Gauge
        without_log;  ///< 1 while the server does not give its log, so that keepalives are recorded without a hash
    Gauge busy;       ///< 1 while the stream is busy and reading is coalesced
  } reader;

  struct alignas(kCacheLine) Decoders {
    SharedCounter frames, changes;
    SharedCounter busy_us;  ///< the pool's own time; what the reader carries is its own
    SharedCounter truncates_ignored, oversize_skipped, dropped_without_identity;
    SharedCounter text_replaced;  ///< pieces of text that were not UTF-8
    Histogram wait_and_decode;    ///< received to decoded; written by the sequencer, which sees every frame
  } decoders;

  struct alignas(kCacheLine) Sequencer {
    Counter changes, discarded;
    Gauge sequenced_lsn, sequenced_number;
    Histogram received_to_sequenced;
  } sequencer;

  struct alignas(kCacheLine) Queue {
    std::string name, kind;
    Counter batches, messages, bytes, retries, oversize;
    Counter waited_redis_us;
    Gauge written_lsn, written_number,
        confirmed_lsn;  ///< record's restart LSN; verified after the replay window
    Gauge length, length_known;
    Gauge stuck;                ///< 1 while the queue retries after an error
    Gauge lost_events;          ///< losses seen on this queue (record gone or gone back beyond repair)
    Histogram sent_to_written;  ///< the server's send time to Redis' reply
    Histogram received_to_written;
    Histogram push;  ///< one atomic step
  };
  std::deque<Queue> queues;  ///< filled before the threads start; addresses stay

  Counter reconnects;
};

}  // namespace realtime
