#pragma once

#include "redis/atomic_push.hpp"

namespace realtime::redis {

/// Writes one XADD for each message of a batch; how many. Borrows from the batch's frames.
std::size_t write_xadd(Output& output, std::string_view queue, const Batch& batch);

/// A stream in Redis: `XADD name <number>-0 payload <message> lsn X/X xid N`, the id being the number of the
/// change. See AtomicPush.
///
/// The record decides for streams too: a refused id is not taken for a repeat, it says that the stream holds
/// ids of somebody else (queue_ids_higher). Ids ascend, so if the first message of a batch was taken all
/// were; the record's script looks for it. A stream whose highest id is known to be at or above the batch's
/// first is not pushed to at all, because messages above that id would be taken without those below.
class StreamQueue final : public AtomicPush {
 public:
  /// `max_length` 0: never trimmed; else approximately (MAXLEN ~), after each batch.
  StreamQueue(Endpoint endpoint, std::string queue, std::uint64_t max_length = 0)
      : AtomicPush(std::move(endpoint), std::move(queue), "stream"), max_length_(max_length) {}

 protected:
  Status may_push(const Batch& batch) override;
  std::size_t write_checks(const Batch& batch) override;
  std::size_t write_push(const Batch& batch) override;
  std::size_t write_after() override;
  std::string first_id(const Batch& batch) override;
  bool write_question() override;
  void hear_answer(const redisReply& reply) override;
  void pushed() override { highest_ = batch_last_; }
  std::optional<std::uint64_t> length_from(std::span<redisReply* const>, const redisReply& record) override;

 private:
  const std::uint64_t max_length_;
  std::optional<std::uint64_t> highest_;  ///< first half of the stream's highest id, as far as it is known
  std::uint64_t batch_last_ = 0;
};

}  // namespace realtime::redis
