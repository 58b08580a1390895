#include "status/metric_samples.hpp"
#include "status/metrics.hpp"

namespace realtime {
namespace {

using S = const MetricSources&;
using V = std::optional<double>;
using M = const PipelineMetrics&;
using Q = const PipelineMetrics::Queue&;

double seconds(std::uint64_t us) {
  return static_cast<double>(us) / 1e6;
}
template <typename Instrument>
double count(const Instrument& instrument) {
  return static_cast<double>(instrument.value());
}
template <typename T>
V maybe(const std::optional<T>& value) {
  return value ? V(static_cast<double>(*value)) : std::nullopt;
}
double count_of(std::uint64_t value) {
  return static_cast<double>(value);
}
V lsn(std::uint64_t value) {
  return value == 0 ? V() : V(static_cast<double>(value));
}

constexpr auto counter = MetricType::counter;
constexpr auto gauge = MetricType::gauge;
constexpr auto histogram = MetricType::histogram;

#define VALUE(expression) Metric::Value([](S s) -> V { return expression; })
#define QUEUE(expression)                                                   \
  Metric::QueueValue([](S s, std::size_t i) -> V {                          \
    [[maybe_unused]] const PipelineMetrics::Queue& q = s.metrics.queues[i]; \
    return expression;                                                      \
  })
#define TIMES(member) Metric::Distribution([](M m) -> const Histogram& { return m.member; })
#define QUEUE_TIMES(member) Metric::QueueDistribution([](Q q) -> const Histogram& { return q.member; })

const Metric kTable[] = {
    // The service
    {"hash_realtime_info", gauge, "Always 1; the labels say which instance this is.", write_info},
    {"hash_realtime_role", gauge, "1 for the role this instance has, 0 for the others.", write_roles},
    {"hash_realtime_ready", gauge, "1 while /ready answers 200.", VALUE(s.facts.ready)},
    {"hash_realtime_trouble", gauge, "1 while something is wrong; the label names the kind of error.",
     write_trouble},
    {"hash_realtime_reconnects_total", counter,
     "Times the pipeline was torn down and built again from the records.",
     VALUE(count(s.metrics.reconnects))},
    {"hash_realtime_lag_bytes", gauge, "WAL that not every queue has taken.",
     VALUE(maybe(s.facts.lag_bytes))},
    {"hash_realtime_lag_seconds", gauge, "Age of the oldest WAL that not every queue has taken.",
     VALUE(maybe(s.facts.lag_seconds))},
    {"hash_realtime_log_lines_dropped_total", counter,
     "Log lines that standard output did not take in time, or not at all.",
     VALUE(static_cast<double>(s.facts.log_lines_dropped))},

    // The slot and PostgreSQL's log; an LSN is a byte position
    {"hash_realtime_server_lsn_bytes", gauge, "The server's WAL end when last asked.",
     VALUE(lsn(s.facts.server_lsn.value))},
    {"hash_realtime_received_lsn_bytes", gauge, "The highest LSN received.",
     VALUE(lsn(s.metrics.reader.received_lsn.value()))},
    {"hash_realtime_sequenced_lsn_bytes", gauge, "The highest LSN that left the decoders in order.",
     VALUE(lsn(s.metrics.sequencer.sequenced_lsn.value()))},
    {"hash_realtime_confirmed_lsn_bytes", gauge, "The LSN last confirmed to the server.",
     VALUE(lsn(s.metrics.reader.confirmed_lsn.value()))},
    {"hash_realtime_slot_restart_lsn_bytes", gauge, "The server keeps WAL for the slot from here.",
     VALUE(lsn(s.facts.restart_lsn.value))},
    {"hash_realtime_slot_retained_wal_bytes", gauge, "WAL that the server keeps for the slot.",
     VALUE(maybe(s.facts.retained_wal_bytes))},
    {"hash_realtime_slot_safe_wal_bytes", gauge,
     "WAL that may still be written before the slot may be lost; absent without a limit.",
     VALUE(maybe(s.facts.safe_wal_bytes))},
    {"hash_realtime_slot_wal_status", gauge, "1 for the slot's wal_status, 0 for the others.",
     write_wal_statuses},

    // The reader
    {"hash_realtime_received_messages_total", counter, "Messages of the output plugin received.",
     VALUE(count(s.metrics.reader.messages))},
    {"hash_realtime_received_bytes_total", counter, "Bytes of those messages.",
     VALUE(count(s.metrics.reader.bytes))},
    {"hash_realtime_received_frames_total", counter,
     "Drains of the socket: the unit that the stages hand over.", VALUE(count(s.metrics.reader.frames))},
    {"hash_realtime_received_keepalives_total", counter, "Keepalives received from the server.",
     VALUE(count(s.metrics.reader.keepalives))},
    {"hash_realtime_carried_frames_total", counter, "Frames that the reader decoded and sequenced itself.",
     VALUE(count(s.metrics.reader.carried))},
    {"hash_realtime_status_updates_total", counter, "Status updates sent to the server.",
     VALUE(count(s.metrics.reader.status_updates))},
    {"hash_realtime_reader_waited_postgres_seconds_total", counter,
     "Time the reader waited for the server to send.",
     VALUE(seconds(s.metrics.reader.waited_postgres_us.value()))},
    {"hash_realtime_reader_waited_window_seconds_total", counter,
     "Time the reader waited for room: a queue is slower than the stream.",
     VALUE(seconds(s.metrics.reader.waited_window_us.value()))},
    {"hash_realtime_log_refused", gauge,
     "1 while the server does not give its log, so that positions are recorded without a hash of it.",
     VALUE(count(s.metrics.reader.without_log))},
    {"hash_realtime_reader_busy", gauge, "1 while the stream is busy and reading is coalesced.",
     VALUE(count(s.metrics.reader.busy))},
    {"hash_realtime_in_flight_frames", gauge, "Frames received and not yet taken by every queue.",
     VALUE(count(s.metrics.reader.in_flight_places))},
    {"hash_realtime_in_flight_bytes", gauge, "Bytes received and not yet taken by every queue.",
     VALUE(count(s.metrics.reader.in_flight_bytes))},
    {"hash_realtime_in_flight_limit_bytes", gauge,
     "Beyond this the reader waits (HASH_REALTIME_MAX_IN_FLIGHT_BYTES).",
     VALUE(static_cast<double>(s.facts.in_flight_limit_bytes))},

    // Decoders and sequencer
    {"hash_realtime_decoder_threads", gauge, "Threads of the decoder pool.", VALUE(s.facts.decoder_threads)},
    {"hash_realtime_decoded_frames_total", counter, "Frames decoded.",
     VALUE(count(s.metrics.decoders.frames))},
    {"hash_realtime_decoded_changes_total", counter, "Row changes decoded.",
     VALUE(count(s.metrics.decoders.changes))},
    {"hash_realtime_decoder_busy_seconds_total", counter, "Time that decoder threads worked, all together.",
     VALUE(seconds(s.metrics.decoders.busy_us.value()))},
    {"hash_realtime_truncates_ignored_total", counter,
     "TRUNCATEs of monitored tables, which are not delivered.",
     VALUE(count(s.metrics.decoders.truncates_ignored))},
    {"hash_realtime_oversize_skipped_total", counter,
     "Rows left out because Redis could not take one so large (HASH_REALTIME_ON_OVERSIZE=skip).",
     VALUE(count(s.metrics.decoders.oversize_skipped))},
    {"hash_realtime_dropped_without_identity_total", counter,
     "Updates and deletes that PostgreSQL could not express: the table has no replica identity, or with "
     "pgoutput one "
     "with a generated column.",
     VALUE(count(s.metrics.decoders.dropped_without_identity))},
    {"hash_realtime_text_replaced_total", counter, "Pieces of text that were not UTF-8, delivered as U+FFFD.",
     VALUE(count(s.metrics.decoders.text_replaced))},
    {"hash_realtime_tables_incomplete", gauge,
     "Monitored tables of which changes are missing: not published, narrowed by the publication, or "
     "unlogged.",
     VALUE(count_of(s.facts.tables.incomplete))},
    {"hash_realtime_type_names_changed", gauge,
     "1 while names of types are delivered with their schema, because the role does not see them without.",
     VALUE(count_of(s.facts.tables.names_changed))},
    {"hash_realtime_decode_seconds", histogram, "From received to decoded, for each frame.",
     TIMES(decoders.wait_and_decode)},
    {"hash_realtime_sequenced_changes_total", counter, "Row changes that left the decoders in order.",
     VALUE(count(s.metrics.sequencer.changes))},
    {"hash_realtime_discarded_changes_total", counter,
     "Row changes received again after a resume and already in every queue.",
     VALUE(count(s.metrics.sequencer.discarded))},
    {"hash_realtime_sequenced_number", gauge, "Number in the stream of the last change sequenced.",
     VALUE(count(s.metrics.sequencer.sequenced_number))},
    {"hash_realtime_sequence_seconds", histogram, "From received to sequenced, for each frame.",
     TIMES(sequencer.received_to_sequenced)},

    // Each queue
    {"hash_realtime_queue_messages_total", counter, "Messages pushed.", QUEUE(count(q.messages))},
    {"hash_realtime_queue_bytes_total", counter, "Bytes of messages pushed.", QUEUE(count(q.bytes))},
    {"hash_realtime_queue_batches_total", counter, "Atomic steps taken.", QUEUE(count(q.batches))},
    {"hash_realtime_queue_retries_total", counter, "Atomic steps tried again after an error.",
     QUEUE(count(q.retries))},
    {"hash_realtime_queue_oversize_total", counter, "Rows that were too large for Redis.",
     QUEUE(count(q.oversize))},
    {"hash_realtime_queue_waited_redis_seconds_total", counter, "Time the writer waited for Redis to answer.",
     QUEUE(seconds(q.waited_redis_us.value()))},
    {"hash_realtime_queue_length", gauge,
     "Messages in the queue, of a stream those that were read as well; absent where it is not known.",
     QUEUE(q.length_known.value() ? V(count(q.length)) : V())},
    {"hash_realtime_queue_waiting", gauge,
     "Messages that a consumer still has to take: a list's length; of a stream what its slowest group has "
     "not read or "
     "not acknowledged. Absent where it is not known (no group, Redis before 7).",
     QUEUE(i < s.facts.queues.size() ? maybe(s.facts.queues[i].waiting) : V())},
    {"hash_realtime_queue_cut_unread_total", counter,
     "Entries of a stream that were cut off before its slowest group had read them "
     "(HASH_REALTIME_STREAM_MAXLEN).",
     QUEUE(i < s.facts.queues.size() ? static_cast<double>(s.facts.queues[i].cut_unread) : 0)},
    {"hash_realtime_queue_warn_length", gauge,
     "A queue longer than this is warned of (HASH_REALTIME_QUEUE_WARN_LENGTH).",
     VALUE(static_cast<double>(s.facts.queue_warn_length))},
    {"hash_realtime_queue_stuck", gauge, "1 while the queue retries after an error.", QUEUE(count(q.stuck))},
    {"hash_realtime_queue_loss_events", gauge,
     "Losses seen on this queue: its record gone, or gone back beyond repair. Stays.",
     QUEUE(count(q.lost_events))},
    {"hash_realtime_queue_degraded", gauge, "1 from a loss until it is accepted (hash-realtime accept-loss).",
     QUEUE(i < s.facts.queues.size() && s.facts.queues[i].degraded.has_value())},
    {"hash_realtime_queue_written_number", gauge, "Number in the stream of the last change recorded.",
     QUEUE(count(q.written_number))},
    {"hash_realtime_queue_written_lsn_bytes", gauge, "The queue's record holds everything before this LSN.",
     QUEUE(lsn(q.written_lsn.value()))},
    {"hash_realtime_queue_verified_lsn_bytes", gauge,
     "The same, read again after the replay window: durable in Redis, may be confirmed.",
     QUEUE(lsn(q.confirmed_lsn.value()))},
    {"hash_realtime_queue_delivery_seconds", histogram, "From the server's send time to Redis' reply.",
     QUEUE_TIMES(sent_to_written)},
    {"hash_realtime_queue_write_seconds", histogram,
     "From received, with all that it waited here, to Redis' reply.", QUEUE_TIMES(received_to_written)},
    {"hash_realtime_queue_push_seconds", histogram, "One atomic step, from request to reply.",
     QUEUE_TIMES(push)},

    // The process, under the names that every client library uses
    {"process_cpu_seconds_total", counter, "Processor time used, user and system.",
     VALUE(s.process.cpu_seconds)},
    {"process_resident_memory_bytes", gauge, "Resident memory.", VALUE(maybe(s.process.resident_bytes))},
    {"process_virtual_memory_bytes", gauge, "Virtual memory.", VALUE(maybe(s.process.virtual_bytes))},
    {"process_open_fds", gauge, "Open file descriptors.", VALUE(maybe(s.process.open_fds))},
    {"process_max_fds", gauge, "File descriptors that may be open.", VALUE(maybe(s.process.max_fds))},
    {"process_threads", gauge, "Threads.", VALUE(maybe(s.process.threads))},
    {"process_start_time_seconds", gauge, "Start of the process, seconds since 1970-01-01.",
     VALUE(s.process.start_time_seconds)},
};

}  // namespace

std::span<const Metric> metric_table() {
  return kTable;
}

}  // namespace realtime
