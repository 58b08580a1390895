#include "http/status.hpp"

#include <algorithm>

#include "http/json.hpp"
#include "status/rates.hpp"

namespace realtime::http {
namespace {

using Queue = PipelineMetrics::Queue;

void write_trouble(Json& json, const std::optional<TroubleFacts>& trouble) {
  if (!trouble) {
    json.null("trouble");
    return;
  }
  json.begin("trouble").text("error", trouble->error).text("message", trouble->message);
  json.text("remedy", trouble->remedy).time("since", trouble->since).end();
}

void write_service(Json& json, const ServiceFacts& facts) {
  json.text("role", to_text(facts.role)).text("state", facts.state).flag("ready", facts.ready);
  write_trouble(json, facts.trouble);
  json.text("instance", facts.instance).text("version", facts.version);
  json.time("started_at", facts.started_at).time("now", facts.now);
  json.real("uptime_seconds", std::chrono::duration<double>(facts.uptime).count());
  json.text("postgres", facts.server_address).text("redis", facts.redis_address);
  json.begin("slot").text("name", facts.slot).text("plugin", facts.plugin);
  if (facts.slot_wal_status.empty()) {
    json.null("wal_status");
  } else {
    json.text("wal_status", facts.slot_wal_status);
  }
  json.maybe("retained_wal_bytes", facts.retained_wal_bytes)
      .maybe("safe_wal_bytes", facts.safe_wal_bytes)
      .end();
}

Lsn least(const PipelineMetrics& metrics, Gauge Queue::*lsn) {
  if (metrics.queues.empty()) return {};
  std::uint64_t value = UINT64_MAX;
  for (const Queue& queue : metrics.queues) value = std::min(value, (queue.*lsn).value());
  return {value};
}

void write_progress(Json& json, const PipelineMetrics& metrics, const ServiceFacts& facts) {
  json.begin("lsn").lsn("server", facts.server_lsn).lsn("received", {metrics.reader.received_lsn.value()});
  json.lsn("sequenced", {metrics.sequencer.sequenced_lsn.value()})
      .lsn("written", least(metrics, &Queue::written_lsn));
  json.lsn("verified", least(metrics, &Queue::confirmed_lsn));
  json.lsn("confirmed", {metrics.reader.confirmed_lsn.value()}).lsn("restart", facts.restart_lsn).end();
  json.begin("lag").maybe("bytes", facts.lag_bytes).maybe("seconds", facts.lag_seconds).end();
  if (facts.catch_up_from_bytes == 0 || !facts.lag_bytes) {
    json.null("catch_up");
  } else {
    const double left =
        static_cast<double>(*facts.lag_bytes) / static_cast<double>(facts.catch_up_from_bytes);
    json.begin("catch_up")
        .real("done", std::clamp(1 - left, 0.0, 1.0))
        .number("from_bytes", facts.catch_up_from_bytes);
    json.maybe("seconds_left", catch_up_seconds(*facts.lag_bytes, facts.rates)).end();
  }
}

void write_flow(Json& json, const PipelineMetrics& metrics, const ServiceFacts& facts) {
  const RateFacts& rates = facts.rates;
  json.begin("in_flight").number("frames", metrics.reader.in_flight_places.value());
  json.number("bytes", metrics.reader.in_flight_bytes.value())
      .number("limit_frames", facts.in_flight_limit_places);
  json.number("limit_bytes", facts.in_flight_limit_bytes).end();
  json.begin("decoders").number("threads", facts.decoder_threads).real("busy", rates.decoders_busy).end();
  json.begin("rates").real("received_messages_per_second", rates.received_messages);
  json.real("received_bytes_per_second", rates.received_bytes);
  json.real("sequenced_messages_per_second", rates.sequenced_messages);
  json.real("taken_wal_bytes_per_second", rates.released_lsn_bytes);
  json.real("server_wal_bytes_per_second", rates.written_by_server_bytes).end();
  json.begin("waiting").real("postgres", rates.waiting_postgres).real("window", rates.waiting_window).end();
  constexpr std::string_view kBy[] = {"nothing", "postgres", "queue", "decoders"};
  json.begin("limited_by").text("by", kBy[static_cast<std::size_t>(facts.limited_by.by)]);
  json.text("queue", facts.limited_by.queue).text("words", limit_words(facts.limited_by)).end();
}

void write_totals(Json& json, const PipelineMetrics& m) {
  json.begin("totals").number("messages", m.reader.messages.value()).number("bytes", m.reader.bytes.value());
  json.number("frames", m.reader.frames.value()).number("changes", m.sequencer.changes.value());
  json.number("number", m.sequencer.sequenced_number.value())
      .number("discarded", m.sequencer.discarded.value());
  json.number("truncates_ignored", m.decoders.truncates_ignored.value());
  json.number("oversize_skipped", m.decoders.oversize_skipped.value());
  json.number("dropped_without_identity", m.decoders.dropped_without_identity.value());
  json.number("text_replaced", m.decoders.text_replaced.value());
  json.number("reconnects", m.reconnects.value()).end();
}

void write_queue(Json& json, const Queue& q, const QueueFacts& facts, const RateFacts::Queue& rates,
                 std::uint64_t warn_length) {
  const bool stuck = q.stuck.value() != 0;  // known before the daemon, which says why, has looked
  json.begin()
      .text("name", q.name)
      .text("kind", q.kind)
      .text("state", stuck ? "stuck" : facts.state)
      .flag("stuck", stuck);
  write_trouble(json, facts.trouble);
  if (facts.degraded) {
    json.text("degraded", *facts.degraded);
  } else {
    json.null("degraded");
  }
  json.number("loss_events", q.lost_events.value());
  json.maybe("length", q.length_known.value() ? std::optional(q.length.value()) : std::nullopt);
  json.maybe("waiting", facts.waiting);
  json.number("cut_unread", facts.cut_unread);
  json.number("warn_length", warn_length).lsn("written_lsn", {q.written_lsn.value()});
  json.lsn("verified_lsn", {q.confirmed_lsn.value()}).number("written_number", q.written_number.value());
  json.number("messages", q.messages.value())
      .number("bytes", q.bytes.value())
      .number("retries", q.retries.value());
  json.number("oversize", q.oversize.value()).real("messages_per_second", rates.messages);
  json.real("bytes_per_second", rates.bytes).real("waiting_redis", rates.waiting_redis);
  json.maybe("delivery_p50_seconds", rates.median_seconds)
      .maybe("delivery_p99_seconds", rates.worst_seconds)
      .end();
}

}  // namespace

std::string limit_words(const LimitFacts& limit) {
  switch (limit.by) {
    case LimitFacts::By::postgres:
      return "waiting for Postgres";
    case LimitFacts::By::queue:
      return "waiting for queue " + limit.queue;
    case LimitFacts::By::decoders:
      return "waiting for the decoders";
    case LimitFacts::By::nothing:
      break;
  }
  return "nothing waits";
}

std::string render_status(const PipelineMetrics& metrics, const ServiceFacts& facts) {
  Json json;
  json.begin();
  write_service(json, facts);
  json.begin_array("degraded");
  for (const QueueFacts& queue : facts.queues) {
    if (queue.degraded) json.element("queue " + queue.name + ": " + *queue.degraded);
  }
  for (const TableFacts::Fault& fault : facts.tables.faults) {
    if (fault.changes_missing) json.element("tables: " + fault.message + "; fix: " + fault.remedy);
  }
  json.end_array();
  write_progress(json, metrics, facts);
  write_flow(json, metrics, facts);
  write_totals(json, metrics);
  json.begin_array("queues");
  for (std::size_t i = 0; i < metrics.queues.size(); ++i) {
    write_queue(json, metrics.queues[i], i < facts.queues.size() ? facts.queues[i] : QueueFacts{},
                i < facts.rates.queues.size() ? facts.rates.queues[i] : RateFacts::Queue{},
                facts.queue_warn_length);
  }
  json.end_array().begin_array("peers");
  for (const PeerFacts& peer : facts.peers) {
    json.begin().text("instance", peer.instance).text("state", peer.state).end();
  }
  return json.end_array().end().take();
}

}  // namespace realtime::http
