#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "realtime/checkpoint_text.hpp"

#include "base/log.hpp"
#include "pipeline/memory_ends.hpp"
#include "pipeline/writer.hpp"
#include "simulation/sim_clock.hpp"

namespace realtime::test {

/// A sink whose answers the test gives.
struct ScriptedSink final : QueueSink {
  const std::string& name() const override { return queue; }
  bool is_open() const override { return opened; }
  void open() override { opened = true, doing = "open"; }
  void push(const Batch& batch, std::string_view text) override {
    doing = "push";
    record = text;
    numbers.clear();
    for (const Piece& piece : batch.pieces) {
      for (std::uint32_t i = piece.begin; i < piece.end; ++i)
        numbers.push_back(piece.first_number + i - piece.begin);
    }
  }
  void set_record(std::string_view text) override { doing = "set_record", record = text; }
  void read() override { doing = "read"; }
  void close() override { opened = false, doing.clear(); }
  std::optional<Observation> poll(TimePoint) override {
    if (!answer) return std::nullopt;
    doing.clear();
    return std::exchange(answer, std::nullopt);
  }
  Wait wait() const override { return {}; }

  const std::string queue = "q";
  bool opened = false;
  std::string doing;   ///< the running operation
  std::string record;  ///< it is to write
  std::vector<std::uint64_t> numbers;
  std::optional<Observation> answer;
};

/// A witness of the log whose answer the test gives.
struct ScriptedWitness final : LogWitness {
  Told ask(Lsn at) override {
    asked = at;
    return told;
  }
  Lsn asked;
  Told told;
};

/// A writer between a sink, a window and a clock that the test moves.
class Writing : public testing::Test {
 protected:
  Writing() {
    log::start(log::Style::json, log::Level::error);
    metrics_.queues.emplace_back();
    troubles_ = std::make_unique<QueueTroubles>("q", metrics_.queues[0], 1);
    make(test::first_record());
  }
  void make(const Record& record) {
    text_ = format_record(record);
    writer_ = std::make_unique<Writer>(
        0, record, record.filter, sink_, window_, clock_, outcome_, confirmable_, witness_,
        [this] { return hurried_; }, settings_, metrics_.queues[0], *troubles_);
  }
  void answer(std::optional<std::string> record, std::optional<Error> error = {}) {
    sink_.answer = Observation{std::move(error), true, std::move(record), {}};
    writer_->do_work();
  }
  void fail(ErrorKind kind = ErrorKind::redis_unreachable) {
    sink_.opened = false;
    sink_.answer = Observation{Error{kind, "it failed"}, false, {}, {}};
    writer_->do_work();
  }
  void open() {
    writer_->do_work();
    EXPECT_EQ(sink_.doing, "open");
    answer(text_);
    writer_->do_work();
  }
  /// `count` messages from `first` on, sequenced in one place; then a keepalive, if its LSN is given.
  void sequence(std::uint64_t first, std::uint32_t count, std::uint64_t keepalive = 0) {
    auto frame = window_.spare_frame();
    Place place;
    for (std::uint32_t i = 0; i < count; ++i) frame->changes.push_back({0, 10, 9, i, {first + 2'000}});
    place.first_number = first;
    place.message_restart = {first + 2'000};
    const std::uint64_t last = first + count - 1;
    place.end = {{first + 2'000}, last, Identity{9, {first + 2'000}, count - 1}, false};
    if (count == 0) place.end.last.reset();
    if (keepalive > 0) place.end.restart = {keepalive}, place.end.clean = true;
    const std::uint64_t sequence = window_.claim(std::move(frame));
    place.frame = std::move(window_.at(sequence).frame);
    window_.at(sequence) = std::move(place);
    window_.stamp_decoded(sequence);
    window_.publish_sequenced(sequence + 1);
    writer_->do_work();
  }
  std::size_t released() {
    window_.release();
    return window_.released();
  }
  ErrorKind ended() const { return outcome_.error() ? outcome_.error()->kind : ErrorKind::stopped; }

  sim::SimClock clock_;
  InFlightWindow window_{1 << 20, 1};
  Outcome outcome_;
  Confirmable confirmable_;
  PipelineMetrics metrics_;
  WriterSettings settings_;
  std::unique_ptr<QueueTroubles> troubles_;  // before the writer
  ScriptedSink sink_;
  LogWitness* witness_ = nullptr;
  bool hurried_ = false;
  std::string text_;
  std::unique_ptr<Writer> writer_;
};

}  // namespace realtime::test
