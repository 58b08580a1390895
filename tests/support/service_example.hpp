#pragma once

#include "metrics/pipeline_metrics.hpp"
#include "status/service_facts.hpp"

namespace realtime::testing {

/// An owner with two queues in the middle of its work, every field set to something of its own; the second
/// queue has a hostile name and is stuck.
struct ServiceExample {
  static constexpr const char* kHostileName = "a\"b\\c\n<script>alert(1)</script>";

  PipelineMetrics metrics;
  ServiceFacts facts;

  ServiceExample() {
    using namespace std::chrono;
    metrics.reader.messages.add(1000);
    metrics.reader.bytes.add(500'000);
    metrics.reader.waited_postgres_us.add(1'500'000);
    metrics.reader.received_lsn.set(0x16'B374D848);
    metrics.reader.confirmed_lsn.set(0x16'B374D000);
    metrics.reader.in_flight_places.set(3);
    metrics.reader.in_flight_bytes.set(4096);
    metrics.sequencer.changes.add(990);
    metrics.sequencer.sequenced_lsn.set(0x16'B374D840);
    metrics.sequencer.sequenced_number.set(990);
    metrics.decoders.truncates_ignored.add(2);
    for (const auto& [name, kind] : {std::pair{"search", "list"}, std::pair{kHostileName, "stream"}}) {
      auto& queue = metrics.queues.emplace_back();
      queue.name = name;
      queue.kind = kind;
      queue.messages.add(980);
      queue.bytes.add(490'000);
      queue.written_lsn.set(0x16'B374D100);
      queue.written_number.set(980);
      queue.length.set(12);
      queue.length_known.set(1);
      queue.sent_to_written.observe_us(300, 970);
      queue.sent_to_written.observe_us(40'000'000, 10);
    }
    metrics.queues[1].length_known.set(0);
    metrics.queues[1].stuck.set(1);

    facts.role = Role::owner;
    facts.state = "streaming";
    facts.ready = false;
    facts.trouble = TroubleFacts{"queue_wrong_type", "queue \"x\" holds a string", "DEL it",
                                 system_clock::time_point(1700000000s)};
    facts.instance = "host-1";
    facts.version = "1.2.3";
    facts.started_at = system_clock::time_point(1700000000s);
    facts.now = system_clock::time_point(1690000000s);  // the clock was set back
    facts.uptime = 60s;
    facts.server_address = "db:5432/app";
    facts.redis_address = "redis:6379";
    facts.slot = "realtime";
    facts.plugin = "wal2json";
    facts.slot_wal_status = "reserved";
    facts.safe_wal_bytes = 1 << 30;
    facts.retained_wal_bytes = 12345;
    facts.server_lsn = {0x16'B374E000};
    facts.restart_lsn = {0x16'B3740000};
    facts.lag_bytes = 3840;
    facts.lag_seconds = 0.25;
    facts.in_flight_limit_bytes = 16 << 20;
    facts.in_flight_limit_places = 4096;
    facts.decoder_threads = 2;
    facts.queue_warn_length = 100'000;
    facts.rates.queues.resize(2);
    facts.rates.queues[0].median_seconds = 0.0004;
    facts.queues = {
        {"search", "list", "streaming", std::nullopt, std::nullopt, std::nullopt},
        {kHostileName, "stream", "stuck", facts.trouble, "lost (16/B3740000, 16/B3741000]", 131'204}};
    facts.peers = {{"host-2", "standby"}};
  }
};

}  // namespace realtime::testing
