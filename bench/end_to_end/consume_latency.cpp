// consume_latency: a blocked consumer of a list queue that measures how old the rows are when it gets them.
//
//   BRPOP, which blocks until there is a message, then RPOP for what came with it, until nothing is left
//
// The rows carry the time just before their commit in a column "at", bigint, microseconds since 1970; this
// program runs on the same machine. Prints one line of JSON: count, p50_ms, p99_ms, max_ms.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <vector>

#include <hiredis/hiredis.h>

#include "capture/arguments.hpp"

namespace realtime::bench {
namespace {

constexpr const char* kUsage =
    "consume_latency --port=N --queue=NAME --messages=N [--skip=N] [--host=127.0.0.1]\n";
constexpr std::string_view kAt = R"("name":"at","type":"bigint","value":)";
constexpr int kSilenceSeconds = 15;

std::int64_t now_us() {
  using std::chrono::microseconds;
  return std::chrono::duration_cast<microseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

/// Collects ages; knows when it has enough of them.
class Ages {
 public:
  Ages(std::uint64_t messages, std::uint64_t skip) : messages_(messages), skip_(skip) {
    ages_.reserve(messages);
  }

  void add(const redisReply& message, std::int64_t received_us) {
    const std::string_view text(message.str, message.len);
    const std::size_t at = text.find(kAt);
    if (at == std::string_view::npos) return;
    if (++seen_ > skip_)
      ages_.push_back(received_us - std::strtoll(text.data() + at + kAt.size(), nullptr, 10));
  }
  bool enough() const { return seen_ >= messages_; }
  void print() {
    std::sort(ages_.begin(), ages_.end());
    const auto milliseconds = [this](double part) {
      const auto index = static_cast<std::size_t>(part * static_cast<double>(ages_.size() - 1));
      return static_cast<double>(ages_[index]) / 1000;
    };
    std::printf("{\"count\": %zu, \"p50_ms\": %.3f, \"p99_ms\": %.3f, \"max_ms\": %.3f}\n", ages_.size(),
                milliseconds(0.5), milliseconds(0.99), milliseconds(1));
  }
  bool empty() const { return ages_.empty(); }

 private:
  const std::uint64_t messages_, skip_;
  std::uint64_t seen_ = 0;
  std::vector<std::int64_t> ages_;
};

struct FreeReply {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using Reply = std::unique_ptr<redisReply, FreeReply>;

int run(const Arguments& arguments) {
  const std::string queue = arguments.text("queue", "search");
  Ages ages(arguments.number("messages", 1000), arguments.number("skip", 0));
  const std::unique_ptr<redisContext, decltype(&redisFree)> redis(
      redisConnect(arguments.text("host", "127.0.0.1").c_str(),
                   static_cast<int>(arguments.number("port", 6379))),
      redisFree);
  if (!redis || redis->err != 0) return std::fputs("no connection to Redis\n", stderr), 1;
  std::puts("ready");
  std::fflush(stdout);
  while (!ages.enough()) {
    Reply first(
        static_cast<redisReply*>(redisCommand(redis.get(), "BRPOP %s %d", queue.c_str(), kSilenceSeconds)));
    if (!first || first->type != REDIS_REPLY_ARRAY || first->elements != 2) break;
    ages.add(*first->element[1], now_us());
    for (;;) {
      Reply more(static_cast<redisReply*>(redisCommand(redis.get(), "RPOP %s 100", queue.c_str())));
      if (!more || more->type != REDIS_REPLY_ARRAY) break;
      const std::int64_t received_us = now_us();
      for (std::size_t i = 0; i < more->elements; ++i) ages.add(*more->element[i], received_us);
      if (more->elements < 100) break;
    }
  }
  if (ages.empty()) return std::fputs("no message came\n", stderr), 1;
  ages.print();
  return 0;
}

}  // namespace
}  // namespace realtime::bench

int main(int count, char** words) {
  return realtime::bench::run(
      {count, words, {"port", "queue", "messages", "skip", "host"}, realtime::bench::kUsage});
}
