#include "support/null_sink.hpp"

namespace realtime::bench {

void NullSink::open() {
  open_ = running_ = true;
}

void NullSink::push(const Batch& batch, std::string_view record) {
  if (on_push_) on_push_(batch);
  set_record(record);
}

void NullSink::set_record(std::string_view record) {
  record_ = record;
  running_ = true;
}

std::optional<Observation> NullSink::poll(TimePoint) {
  if (!running_) return std::nullopt;
  running_ = false;
  return Observation{.error = {}, .record_read = true, .record = record_, .length = {}};
}

}  // namespace realtime::bench
