#pragma once

#include <string>

#include "http/response.hpp"
#include "metrics/pipeline_metrics.hpp"
#include "status/service_facts.hpp"

namespace realtime::http {

/// GET /status: one JSON object. Field names are part of the outside and stay; fields may be added. Any
/// thread.
///
/// Units are in the names (`_bytes`, `_seconds`, `_per_second`); LSNs are texts as PostgreSQL writes them
/// ("16/B374D848"); times are RFC 3339 in UTC; what is not known is null. Top level:
///   role, state, ready, trouble {error, message, remedy, since} | null, degraded [text]
///   instance, version, started_at, now, uptime_seconds, postgres, redis
///   slot {name, plugin, wal_status, retained_wal_bytes, safe_wal_bytes}
///   lsn {server, received, sequenced, written, verified, confirmed, restart}; written is the least of all
///   queues lag {bytes, seconds} catch_up {done, from_bytes, seconds_left} | null in_flight {frames, bytes,
///   limit_frames, limit_bytes} decoders {threads, busy}; rates {…_per_second}; waiting {postgres, window}:
///   shares of the reader's time limited_by {by, queue, words} totals {…}: counters since the process began
///   queues [{name, kind, state, stuck, trouble, degraded, loss_events, length, warn_length, written_lsn,
///            verified_lsn, written_number, messages, bytes, retries, oversize, messages_per_second,
///            bytes_per_second, waiting_redis, delivery_p50_seconds, delivery_p99_seconds}]
///   peers [{instance, state}]: the other instances on this slot
std::string render_status(const PipelineMetrics& metrics, const ServiceFacts& facts);

/// What limits the stream, in words: "waiting for Postgres", "waiting for queue search".
std::string limit_words(const LimitFacts& limit);

}  // namespace realtime::http
