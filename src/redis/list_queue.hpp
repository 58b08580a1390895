#pragma once

#include "redis/atomic_push.hpp"

namespace realtime::redis {

/// A list in Redis as the consumers take it: LPUSH, so that the oldest message is at the right, where
/// BRPOPLPUSH takes it. A whole piece of a frame is one run of bulk strings and goes out as one part of
/// sendmsg; a message costs nothing here but the count of arguments. See AtomicPush.
class ListQueue final : public AtomicPush {
 public:
  /// The most arguments of one command, its name and key among them: the least that managed Redis takes.
  static constexpr std::size_t kMaxArguments = 3'900;

  ListQueue(Endpoint endpoint, std::string queue)
      : AtomicPush(std::move(endpoint), std::move(queue), "list") {}

 protected:
  std::size_t write_push(const Batch& batch) override;
  std::optional<std::uint64_t> length_from(std::span<redisReply* const> pushes, const redisReply&) override;

 private:
  std::size_t flush();

  std::vector<std::string_view> runs_;  ///< of the command that is being gathered
  std::size_t count_ = 0;               ///< messages in them
};

}  // namespace realtime::redis
