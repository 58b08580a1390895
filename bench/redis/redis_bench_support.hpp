#pragma once

#include <algorithm>
#include <string>

#include <benchmark/benchmark.h>
#include <poll.h>

#include "realtime/sink.hpp"

#include "redis/client.hpp"
#include "redis/server_facts.hpp"
#include "support/redis_server.hpp"

namespace realtime::redis {

/// As long as a real one.
inline const std::string kRecord(400, 'R');

/// A frame of equal messages.
class BenchFrame {
 public:
  BenchFrame(std::size_t count, std::size_t bytes) {
    const std::string bulk = "$" + std::to_string(bytes) + "\r\n" + std::string(bytes, 'x') + "\r\n";
    for (std::size_t i = 0; i < count; ++i) {
      Change change;
      change.offset = static_cast<std::uint32_t>(frame_.output.size());
      change.length = static_cast<std::uint32_t>(bulk.size());
      change.lsn = Lsn{0x16'B374'D848 + i};
      change.xid = 7654321;
      frame_.changes.push_back(change);
      frame_.output += bulk;
    }
    frame_.encoded = frame_.output.data();
  }
  Batch batch(std::uint64_t first_number) const {
    return {{{&frame_, 0, static_cast<std::uint32_t>(frame_.changes.size()), first_number}},
            frame_.changes.size(),
            frame_.output.size()};
  }
  const Frame& frame() const { return frame_; }

 private:
  Frame frame_;
};

class BenchServer {
 public:
  BenchServer() : server_({"--appendonly", "no"}) {}

  Endpoint endpoint() const { return server_.endpoint(); }
  void begin() { cpu_before_ = cpu_seconds(); }

  void finish(QueueSink& sink) {
    for (;;) {
      if (const auto seen = sink.poll(std::chrono::steady_clock::now())) {
        if (seen->error) throw std::runtime_error(seen->error->message);
        return;
      }
      const QueueSink::Wait wait = sink.wait();
      pollfd ready{wait.fd, wait.events, 0};
      ::poll(&ready, 1, 1000);
    }
  }

  /// Keeps memory small, outside the measured time.
  void empty_queue(benchmark::State& state) {
    state.PauseTiming();
    cpu_paused_ -= cpu_seconds();
    // A stream keeps its highest id, so that the next ids still fit.
    server_({"EVAL",
             "if redis.call('TYPE','q').ok == 'stream' then redis.call('XTRIM','q','MAXLEN',0) else "
             "redis.call('DEL','q') end",
             "1", "q"});
    cpu_paused_ += cpu_seconds();
    state.ResumeTiming();
  }

  void report(benchmark::State& state, std::size_t count) {
    const double messages = static_cast<double>(state.iterations()) * static_cast<double>(count);
    state.SetItemsProcessed(static_cast<std::int64_t>(messages));
    state.counters["redis_us"] = (cpu_seconds() - cpu_before_ - cpu_paused_) * 1e6 / messages;
  }

 private:
  double cpu_seconds() {
    const std::string info = server_({"INFO", "cpu"});
    return std::stod(info_field(info, "used_cpu_user").value()) +
           std::stod(info_field(info, "used_cpu_sys").value());
  }
  testing::RedisServer server_;
  double cpu_before_ = 0, cpu_paused_ = 0;
};

/// What AtomicPush would be if all were done by one script: EVALSHA with the messages as arguments, which
/// checks the record, pushes and sets it.
class LuaPusher {
 public:
  LuaPusher(Endpoint endpoint, bool stream) : connection_(std::move(endpoint)), stream_(stream) {
    const std::string push = stream ? "for i = 4, #ARGV, 4 do redis.call('XADD', KEYS[1], ARGV[i], "
                                      "'payload', ARGV[i+1], 'lsn', ARGV[i+2], "
                                      "'xid', ARGV[i+3]) end "
                                    : "for i = 4, #ARGV, 1000 do redis.call('LPUSH', KEYS[1], unpack(ARGV, "
                                      "i, math.min(i + 999, #ARGV))) end ";
    script_ = "local now = redis.call('GET', KEYS[2]) if now and now ~= ARGV[1] then return 0 end " + push +
              "redis.call('SET', KEYS[2], ARGV[2]) return 1";
    if (!connection_.open()) throw std::runtime_error("no connection");
    connection_.output().command({"SCRIPT", "LOAD", script_});
    sha_ = text_of(*reply());
  }

  bool push(const BenchFrame& bench, std::uint64_t number) {
    const Frame& frame = bench.frame();
    Output& output = connection_.output();
    output.begin_command(8 + frame.changes.size() * (stream_ ? 4 : 1));
    for (const std::string_view part :
         {std::string_view("EVALSHA"), std::string_view(sha_), std::string_view("2"), std::string_view("q"),
          std::string_view("{q}:position"), std::string_view(kRecord), std::string_view(kRecord),
          std::string_view("x")})
      output.argument(part);
    if (!stream_) output.borrow(frame.output);
    for (std::size_t i = 0; stream_ && i < frame.changes.size(); ++i) {
      const Change& change = frame.changes[i];
      output.argument(std::to_string(number + i) + "-0");
      output.borrow(frame.bulk(change));
      output.argument(to_string(change.lsn));
      output.argument(std::to_string(change.xid));
    }
    const Reply answer = reply();
    return answer->type == REDIS_REPLY_INTEGER && answer->integer == 1;
  }

 private:
  Reply reply() {
    connection_.begin_wait();
    for (;;) {
      const Status moved = connection_.advance(std::chrono::steady_clock::now());
      if (auto got = connection_.next_reply(); got && *got) return std::move(**got);
      if (!moved) throw std::runtime_error(moved.error().message);
      const Connection::Wait wait = connection_.wait();
      pollfd ready{wait.fd, wait.events, 0};
      ::poll(&ready, 1, 1000);
    }
  }
  Connection connection_;
  bool stream_;
  std::string script_, sha_;
};

}  // namespace realtime::redis
