#pragma once

#include "redis/atomic_push.hpp"

namespace realtime::redis {

/// The most arguments of one command, its name and key among them: the least that managed Redis takes.
inline constexpr std::size_t kMaxArguments = 3'900;

/// Writes the LPUSH commands of a batch; how many. Cut only between changes. Borrows from the batch's frames.
std::size_t write_lpush(Output& output, std::string_view queue, const Batch& batch);

/// A list in Redis as the consumers take it: LPUSH, so that the oldest message is at the right, where
/// BRPOPLPUSH takes it. A whole piece of a frame is one run of bulk strings and goes out as one part of
/// sendmsg; a message costs nothing here but the count of arguments. See AtomicPush.
class ListQueue final : public AtomicPush {
 public:
  ListQueue(Endpoint endpoint, std::string queue)
      : AtomicPush(std::move(endpoint), std::move(queue), "list") {}

 protected:
  std::size_t write_push(const Batch& batch) override { return write_lpush(output(), name(), batch); }
  std::optional<std::uint64_t> length_from(std::span<redisReply* const> pushes, const redisReply&) override;
};

}  // namespace realtime::redis
