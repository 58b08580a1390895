#pragma once

#include <cmath>
#include <mutex>
#include <string>
#include <thread>

#include "http/service_routes.hpp"
#include "status/rates.hpp"

namespace realtime::http::testing {

/// A service that is only made up: counters that grow as those of a real one would, in one of a few
/// situations
/// ("streaming", "quiet", "silent", "catching-up", "stuck", "lost", "standby", "starting"). For looking at
/// the page. "silent": the server decodes a large transaction, and nothing has come of it yet.
class DemoService {
 public:
  DemoService(std::string situation, bool hostile) : situation_(std::move(situation)) {
    for (const char* name :
         {"search", hostile ? "<img src=x onerror=alert(1)>\"'&" : "integration", "audit"}) {
      auto& queue = metrics.queues.emplace_back();
      queue.name = name;
      queue.kind = metrics.queues.size() == 3 ? "stream" : "list";
      queue.length_known.set(1);
      queue.written_lsn.set(lsn_);
      queue.confirmed_lsn.set(lsn_);
    }
    begin_facts();
    for (int i = 0; i < 60; ++i) step();
    thread_ = std::jthread([this](std::stop_token stop) {
      while (!stop.stop_requested()) {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        step();
      }
    });
  }

  Sources sources() {
    return {metrics, [this] { return facts(); }, [] { return Health{}; },
            [this] {
              return Readiness{facts().ready, facts().state, "", "", ""};
            }};
  }

  PipelineMetrics metrics;

 private:
  ServiceFacts facts() {
    const std::lock_guard lock(mutex_);
    ServiceFacts facts = facts_;
    facts.now = std::chrono::system_clock::now();
    facts.uptime = facts.now - facts.started_at;
    return facts;
  }

  void begin_facts() {
    facts_.role = situation_ == "standby"    ? Role::standby
                  : situation_ == "starting" ? Role::starting
                                             : Role::owner;
    facts_.state = situation_ == "standby"       ? "in warm standby"
                   : situation_ == "starting"    ? "connecting to Postgres"
                   : situation_ == "catching-up" ? "catching up"
                                                 : "streaming";
    facts_.ready = situation_ == "streaming" || situation_ == "standby";
    facts_.instance = "realtime-7d9f4c-x2x8p";
    facts_.version = "1.0.0";
    facts_.started_at = std::chrono::system_clock::now() - std::chrono::hours(31);
    facts_.server_address = "db.internal:5432/app";
    facts_.redis_address = "redis.internal:6379";
    facts_.slot = "realtime";
    facts_.plugin = "wal2json";
    facts_.slot_wal_status = situation_ == "lost" ? "extended" : "reserved";
    facts_.safe_wal_bytes = std::int64_t{8} << 30;
    facts_.in_flight_limit_bytes = 16 << 20;
    facts_.in_flight_limit_places = 4096;
    facts_.decoder_threads = 2;
    facts_.queue_warn_length = 100'000;
    facts_.catch_up_from_bytes = situation_ == "catching-up" ? std::uint64_t{3} << 30 : 0;
    for (const auto& queue : metrics.queues) {
      facts_.queues.push_back(
          {queue.name, queue.kind, "streaming", std::nullopt, std::nullopt, std::nullopt});
    }
    facts_.peers = {{"realtime-7d9f4c-k9q2z", situation_ == "standby" ? "owner" : "standby"}};
    const auto since = std::chrono::system_clock::now() - std::chrono::minutes(4);
    if (situation_ == "starting") {
      facts_.trouble = TroubleFacts{
          "postgres_plugin_refused",
          "the server refuses the output plugin wal2json: output_plugin_libraries does not list it",
          "ALTER SYSTEM SET output_plugin_libraries = 'pgoutput, wal2json'; SELECT pg_reload_conf();", since};
    }
    if (situation_ == "stuck") {
      facts_.queues[1].state = "stuck";
      facts_.queues[1].trouble = TroubleFacts{
          "queue_wrong_type", "the key of queue integration holds a string, not a list",
          "look at it with TYPE integration; rename or DEL it, and the queue goes on by itself", since};
      metrics.queues[1].stuck.set(1);
    }
    if (situation_ == "lost") {
      facts_.queues[0].degraded = "16/B3740000..16/B3741AC8";
      metrics.queues[0].lost_events.set(1);
    }
  }

  void step() {
    ++steps_;
    const double swing = 0.55 + 0.3 * std::sin(steps_ / 31.0) + 0.15 * std::sin(steps_ / 5.3);
    const bool works = facts_.role == Role::owner && situation_ != "quiet" && situation_ != "silent" &&
                       situation_ != "stuck";
    const double rate = works ? (situation_ == "catching-up" ? 61000 : 4200) * swing : 0;
    const auto messages = static_cast<std::uint64_t>(rate / 10);
    lsn_ += static_cast<std::uint64_t>(4200 * swing / 10) * 700;
    const std::uint64_t lag = situation_ == "catching-up" ? (std::uint64_t{3} << 30) - steps_ * 2'000'000
                              : situation_ == "stuck"     ? 52'000'000 + steps_ * 300'000
                              : situation_ == "silent"    ? 1'000'000 + steps_ * 300'000
                                                          : 9'000;
    metrics.reader.messages.add(messages);
    metrics.reader.bytes.add(messages * 420);
    metrics.reader.frames.add(messages / 40);
    metrics.reader.waited_postgres_us.add(situation_ == "stuck"         ? 0
                                          : situation_ == "catching-up" ? 12'000
                                                                        : 88'000);
    metrics.reader.waited_window_us.add(situation_ == "stuck"         ? 100'000
                                        : situation_ == "catching-up" ? 46'000
                                                                      : 0);
    metrics.reader.received_lsn.set(lsn_ - lag + 4000);
    metrics.reader.confirmed_lsn.set(lsn_ - lag - 3'000'000);
    const std::uint64_t in_flight = situation_ == "stuck" ? 16 << 20
                                    : situation_ == "catching-up"
                                        ? 11'000'000
                                        : static_cast<std::uint64_t>(20'000 * swing);
    metrics.reader.in_flight_bytes.set(in_flight);
    metrics.reader.in_flight_places.set(in_flight / 40'000 + 1);
    metrics.decoders.busy_us.add(static_cast<std::uint64_t>(rate));
    metrics.decoders.dropped_without_identity.add(situation_ == "lost" && steps_ % 50 == 0);
    metrics.sequencer.changes.add(messages);
    metrics.sequencer.sequenced_lsn.set(lsn_ - lag + 2000);
    metrics.sequencer.sequenced_number.set(48'211'306 + metrics.sequencer.changes.value());
    for (std::size_t i = 0; i < metrics.queues.size(); ++i) {
      auto& queue = metrics.queues[i];
      queue.messages.add(messages);
      queue.bytes.add(messages * 400);
      if (messages > 0)
        queue.sent_to_written.observe_us(static_cast<std::uint64_t>(260 + 200 * swing) * (i + 1), messages);
      if (messages > 0) queue.sent_to_written.observe_us(2600, messages / 60);
      queue.length.set(i == 2 ? 131'204 + steps_
                              : static_cast<std::uint64_t>(900 * swing * static_cast<double>(i + 1)));
      queue.written_lsn.set(lsn_ - lag - (i + 1) * 600);
      queue.confirmed_lsn.set(lsn_ - lag - 2'900'000);
      queue.written_number.set(metrics.sequencer.sequenced_number.value());
    }
    const auto now = TimePoint(std::chrono::milliseconds(100) * steps_);
    if (steps_ % 10 == 0) meter_.sample(metrics, {lsn_}, now);
    lag_clock_.saw({lsn_}, now);
    const std::lock_guard lock(mutex_);
    facts_.server_lsn = {lsn_};
    facts_.restart_lsn = {lsn_ - lag - 21'000'000};
    facts_.retained_wal_bytes = lag + 21'000'000;
    facts_.lag_bytes = lag;
    facts_.lag_seconds = lag_clock_.seconds_behind({lsn_ - lag}, now);
    facts_.rates = meter_.rates(2);
    if (facts_.role == Role::owner)
      facts_.limited_by = limited_by(facts_.rates, metrics, facts_.catch_up_from_bytes > 0);
  }

  const std::string situation_;
  std::uint64_t steps_ = 0, lsn_ = 0x16'B374D848;
  RateMeter meter_;
  LagClock lag_clock_;
  std::mutex mutex_;
  ServiceFacts facts_;
  std::jthread thread_;
};

}  // namespace realtime::http::testing
