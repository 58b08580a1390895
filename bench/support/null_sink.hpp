#pragma once

#include <functional>
#include <string>

#include "realtime/sink.hpp"

namespace realtime::bench {

/// A queue that takes everything at once and keeps nothing but its record: what remains is our own cost.
/// One writer's; `on_push` is called on its thread.
class NullSink final : public QueueSink {
 public:
  using OnPush = std::function<void(const Batch&)>;
  NullSink(std::string name, std::string record, OnPush on_push = {})
      : name_(std::move(name)), record_(std::move(record)), on_push_(std::move(on_push)) {}

  const std::string& name() const override { return name_; }
  bool is_open() const override { return open_; }
  void open() override;
  void push(const Batch& batch, std::string_view record) override;
  void set_record(std::string_view record) override;
  void read() override { running_ = true; }
  void close() override { open_ = running_ = false; }
  std::optional<Observation> poll(TimePoint now) override;
  Wait wait() const override { return {}; }

 private:
  const std::string name_;
  std::string record_;
  const OnPush on_push_;
  bool open_ = false;
  bool running_ = false;
};

}  // namespace realtime::bench
