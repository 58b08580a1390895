// Once warm, a message costs no memory from the heap on its way through the stages. Counted here, around
// everything but the two ends.
#include <gtest/gtest.h>

#include "realtime/checkpoint_text.hpp"

#include "pipeline/memory_ends.hpp"
#include "support/allocation_counter.hpp"

namespace realtime {
namespace {

using test::allocations, test::counting;

/// Does not count what happens in a fake end.
struct Uncounted {
  Uncounted() { counting = false; }
  ~Uncounted() { counting = before; }
  const bool before = counting;
};

struct ReplaySource final : Source {
  Result<Drained> drain(Frame& frame) override {
    const Uncounted guard;
    for (;;) {
      const std::string raw = sim::TextPlugin::raw(test::xid_of(sent + 1), test::text_of(sent + 1));
      if (!frame.has_room(raw.size())) return Drained::filled;
      counting = guard.before;
      frame.add_message({test::lsn_of(++sent), 0, raw, nullptr});
      counting = false;
    }
  }
  Status send_status(Lsn, Lsn, bool) override { return ok(); }
  void close() override {}
  int fd() const override { return -1; }
  std::uint64_t sent = 0;
};

struct InstantSink final : QueueSink {
  explicit InstantSink(std::string first) : record(std::move(first)) {}
  const std::string& name() const override { return queue; }
  bool is_open() const override { return true; }
  void open() override { pending = true; }
  void push(const Batch& batch, std::string_view text) override {
    delivered += batch.messages;
    ++batches;
    set_record(text);
  }
  void set_record(std::string_view text) override {
    const Uncounted guard;
    record = text;
    pending = true;
  }
  void read() override { pending = true; }
  void close() override {}
  std::optional<Observation> poll(TimePoint) override {
    if (!pending) return std::nullopt;
    const Uncounted guard;
    pending = false;
    return Observation{.error = {}, .record_read = true, .record = record, .length = {}};
  }
  Wait wait() const override { return {}; }

  const std::string queue = "q";
  std::string record;
  bool pending = false;
  std::uint64_t delivered = 0, batches = 0;
};

struct Handover final : Downstream {
  void share(std::uint64_t sequence) override { stages->work_queue.offer(sequence); }
  void carry(std::uint64_t sequence) override { share(sequence); }
  void hurry() override {}
  void set_behind(bool) override {}
  Stages* stages = nullptr;
};

TEST(HotPath, AllocatesNothingForAMessage) {
  PipelineMetrics metrics;
  metrics.queues.resize(2);
  SteadyClock clock;
  Outcome outcome;
  Handover handover;
  PipelineSettings settings;
  settings.max_in_flight_bytes = 1 << 20;
  PipelineParts parts;
  parts.source = std::make_unique<ReplaySource>();
  parts.plugin = std::make_shared<sim::TextPlugin>();
  std::vector<InstantSink*> sinks;
  for (int q = 0; q < 2; ++q) {
    auto sink = std::make_unique<InstantSink>(format_record(test::first_record()));
    sinks.push_back(sink.get());
    parts.sinks.push_back(std::move(sink));
  }
  Stages stages(settings, test::first_plan(2), std::move(parts), handover, clock, outcome, metrics);
  handover.stages = &stages;
  const auto run_to = [&](std::uint64_t messages) {
    while (sinks[0]->delivered < messages || sinks[1]->delivered < messages) {
      stages.reader.do_work();
      stages.decoders[0]->do_work();
      stages.sequencer.do_work();
      for (auto& writer : stages.writers) writer->do_work();
    }
  };

  run_to(50'000);
  const std::uint64_t before = sinks[0]->delivered, batches_before = sinks[0]->batches + sinks[1]->batches;
  allocations = 0;
  counting = true;
  run_to(before + 100'000);
  counting = false;
  const std::uint64_t batches = sinks[0]->batches + sinks[1]->batches - batches_before;
  EXPECT_FALSE(outcome.error());
  RecordProperty("allocations", static_cast<int>(allocations));
  RecordProperty("batches", static_cast<int>(batches));
  // A few a batch would be bearable, one a message would not; there is less than one a batch.
  EXPECT_LT(allocations, batches) << "in " << batches << " batches of 100,000 messages";
}

}  // namespace
}  // namespace realtime
