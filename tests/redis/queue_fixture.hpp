#pragma once

#include <deque>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include "realtime/position.hpp"
#include "realtime/sink.hpp"

#include "redis/list_queue.hpp"
#include "redis/stream_queue.hpp"
#include "support/redis_server.hpp"

namespace realtime::redis {

/// A frame as a decoder leaves it: one run of bulk strings. An empty message is one that is numbered and not
/// delivered.
inline Frame frame_of(const std::vector<std::string>& messages, std::uint64_t first_lsn = 1) {
  Frame frame;
  for (const std::string& message : messages) {
    Change change;
    change.lsn = Lsn{first_lsn++};
    change.xid = 700;
    change.offset = static_cast<std::uint32_t>(frame.output.size());
    if (!message.empty()) {
      frame.output += "$" + std::to_string(message.size()) + "\r\n" + message + "\r\n";
      change.length = static_cast<std::uint32_t>(frame.output.size()) - change.offset;
    }
    frame.changes.push_back(change);
  }
  return frame;
}

inline void fill_encoded(Frame& frame) {
  frame.encoded = frame.output.data();
}

inline Batch batch_of(const std::vector<Piece>& pieces) {
  Batch batch{pieces, 0, 0};
  for (const Piece& piece : pieces) {
    for (std::uint32_t i = piece.begin; i < piece.end; ++i) {
      const Change& change = piece.frame->changes[i];
      batch.messages += change.length > 0;
      batch.bytes += change.length;
    }
  }
  return batch;
}

/// Waits for the running operation as a writer does.
inline Observation finish(QueueSink& sink) {
  const TimePoint patience = std::chrono::steady_clock::now() + std::chrono::seconds(240);
  for (;;) {
    const TimePoint now = std::chrono::steady_clock::now();
    if (now > patience) throw std::runtime_error("the operation does not end, or none was running");
    if (std::optional<Observation> seen = sink.poll(now)) return std::move(*seen);
    const QueueSink::Wait wait = sink.wait();
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(wait.until - now).count() + 1;
    pollfd ready{wait.fd, wait.events, 0};
    ::poll(&ready, 1, static_cast<int>(std::clamp<long>(left, 0, 1'000)));
  }
}

/// Verbs over one queue "q" in a server of the test's own.
class QueueTest : public ::testing::Test {
 protected:
  static constexpr const char* kRecordKey = "{q}:position";

  Observation open(QueueSink& sink) { return sink.open(), finish(sink); }
  Observation read(QueueSink& sink) { return sink.read(), finish(sink); }
  Observation set(QueueSink& sink, const std::string& record) {
    return sink.set_record(record), finish(sink);
  }
  Observation push(QueueSink& sink, const std::vector<std::string>& messages, const std::string& record,
                   std::uint64_t first_number = 1) {
    Frame frame = frame_of(messages);
    fill_encoded(frame);
    const auto size = static_cast<std::uint32_t>(messages.size());
    sink.push(batch_of({{&frame, 0, size, first_number}}), record);
    return finish(sink);
  }
  std::string list() { return server({"LRANGE", "q", "0", "-1"}); }
  std::string record() { return server({"GET", kRecordKey}); }

  testing::RedisServer server;
};

}  // namespace realtime::redis
