#pragma once

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "pipeline/stages.hpp"
#include "simulation/text_plugin.hpp"

namespace realtime::test {

/// Message number n (from 1) of an endless stream: its text, its transaction of seven messages, its row.
inline std::string text_of(std::uint64_t number) {
  return "{\"message\":" + std::to_string(number) + ",\"pad\":\"" + std::string(number % 200, 'x') + "\"}";
}
inline std::uint32_t xid_of(std::uint64_t number) {
  return static_cast<std::uint32_t>(100 + number / 7);
}
inline Lsn lsn_of(std::uint64_t number) {
  return {1'000 + number * 10};
}

/// A server that has `count` messages ready at once and then a keepalive; polled through an eventfd that is
/// readable while something is left. Used by the reader alone; sent() by any thread.
class MemorySource final : public Source {
 public:
  explicit MemorySource(std::uint64_t count, Duration longest_pause = Source::kLongestPause)
      : count_(count), longest_pause_(longest_pause), event_(eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  ~MemorySource() override { ::close(event_); }

  Result<Drained> drain(Frame& frame) override {
    if (closed_) return Error{ErrorKind::postgres_unreachable, "closed"};
    // Now and then the socket is empty for a moment, so that frames are carried as well as shared.
    int budget = ++drains_ % 3 == 0 ? 4 : 10'000;
    for (; sent_ < count_ && budget > 0; --budget) {
      const std::uint64_t number = sent_ + 1;
      const std::string raw = sim::TextPlugin::raw(xid_of(number), text_of(number));
      if (!frame.has_room(raw.size())) return Drained::filled;
      frame.add_message({lsn_of(number), 0, raw, nullptr});
      ++sent_;
    }
    if (sent_ == count_ && !ended_) {
      frame.add_keepalive(lsn_of(count_ + 1));
      ended_ = true;
      std::uint64_t readable = 0;
      [[maybe_unused]] const auto size = read(event_, &readable, sizeof readable);
    }
    return Drained::emptied;
  }
  Status send_status(Lsn, Lsn confirmed, bool) override {
    confirmed_ = confirmed.value;
    return ok();
  }
  void close() override { closed_ = true; }
  int fd() const override { return event_; }
  Duration longest_pause() const override { return longest_pause_; }

  std::uint64_t sent() const { return sent_; }
  Lsn confirmed() const { return {confirmed_}; }

 private:
  const std::uint64_t count_;
  const Duration longest_pause_;
  const int event_;
  std::atomic<std::uint64_t> sent_{0};
  std::atomic<std::uint64_t> confirmed_{0};
  std::uint64_t drains_ = 0;
  bool ended_ = false, closed_ = false;
};

/// A queue in memory: answers after a moment, through a timerfd; checks that every message comes once and in
/// order. Every `fails_every`-th step it does the work and loses the reply. Used by one thread at a time;
/// held() by any.
class MemorySink final : public QueueSink {
 public:
  MemorySink(std::string name, std::string record, int fails_every = 0)
      : name_(std::move(name)),
        record_(std::move(record)),
        fails_every_(fails_every),
        timer_(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)) {}
  ~MemorySink() override { ::close(timer_); }

  const std::string& name() const override { return name_; }
  bool is_open() const override { return open_; }
  void open() override {
    open_ = true;
    begin(false);
  }
  void push(const Batch& batch, std::string_view record) override {
    for (const Piece& piece : batch.pieces) {
      for (std::uint32_t i = piece.begin; i < piece.end; ++i) {
        const std::uint64_t number = held_ + 1;
        right_ = right_ && piece.first_number + (i - piece.begin) == number &&
                 piece.frame->message(piece.frame->changes[i]) == text_of(number);
        held_ = number;
      }
    }
    record_ = record;
    begin(fails_every_ > 0 && ++steps_ % fails_every_ == 0);
  }
  void set_record(std::string_view record) override {
    record_ = record;
    begin(false);
  }
  void read() override { begin(false); }
  void close() override { open_ = pending_ = false; }
  std::optional<Observation> poll(TimePoint) override {
    std::uint64_t expirations = 0;
    if (!pending_ || ::read(timer_, &expirations, sizeof expirations) < 0) return std::nullopt;
    pending_ = false;
    Observation seen;
    if (failing_) {
      close();
      seen.error = Error{ErrorKind::redis_unreachable, "the reply was lost"};
    } else {
      seen.record_read = true;
      seen.record = record_;
    }
    return seen;
  }
  Wait wait() const override { return pending_ ? Wait{timer_, 1 /* POLLIN */} : Wait{}; }

  std::uint64_t held() const { return held_; }
  bool right() const { return right_; }

 private:
  void begin(bool failing) {
    pending_ = true;
    failing_ = failing;
    const itimerspec after{{0, 0}, {0, 1'000 + static_cast<long>(held_ % 50) * 1'000}};
    timerfd_settime(timer_, 0, &after, nullptr);
  }

  const std::string name_;
  std::string record_;
  const int fails_every_;
  const int timer_;
  int steps_ = 0;
  bool open_ = false, pending_ = false, failing_ = false;
  std::atomic<std::uint64_t> held_{0};
  std::atomic<bool> right_{true};
};

/// The record of a queue that has taken nothing yet, and the plan of a stream that begins with message 1.
inline Record first_record() {
  Record record;
  record.epoch = 1;
  record.position = {lsn_of(0), 0, std::nullopt, true};
  record.filter = {"wal2json", "public.*", ""};
  record.history = {7, 1, "db", "slot"};
  return record;
}
inline PipelinePlan first_plan(std::size_t queues) {
  PipelinePlan plan;
  plan.filter = first_record().filter;
  plan.records.assign(queues, first_record());
  plan.sequencer.base = first_record().position;
  plan.sequencer.start = first_record().position.restart;
  plan.sequencer.discard = Discard::through_last;
  return plan;
}

}  // namespace realtime::test
