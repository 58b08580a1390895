#include "redis/list_queue.hpp"

namespace realtime::redis {

std::size_t ListQueue::write_push(const Batch& batch) {
  constexpr std::size_t kMaxMessages = kMaxArguments - 2;
  std::size_t commands = 0;
  for (const Piece& piece : batch.pieces) {
    const Frame& frame = *piece.frame;
    std::size_t begin = 0, end = 0;
    for (std::uint32_t i = piece.begin; i < piece.end; ++i) {
      const Change& change = frame.changes[i];
      if (change.length == 0) continue;  // numbered, not delivered
      if (end == 0) begin = change.offset;
      RT_CHECK(end == 0 || end == change.offset, "the bulk strings of a frame are one run");
      end = std::size_t{change.offset} + change.length;
      if (++count_ < kMaxMessages) continue;
      runs_.emplace_back(frame.encoded + begin, end - begin);
      begin = end = 0;
      commands += flush();
    }
    if (end != 0) runs_.emplace_back(frame.encoded + begin, end - begin);
  }
  return commands + flush();
}

std::size_t ListQueue::flush() {
  if (count_ == 0) return 0;
  output().begin_command(2 + count_);
  output().argument("LPUSH");
  output().argument(name());
  for (const std::string_view run : runs_) output().borrow(run);
  runs_.clear();
  count_ = 0;
  return 1;
}

std::optional<std::uint64_t> ListQueue::length_from(std::span<redisReply* const> pushes, const redisReply&) {
  if (pushes.empty() || pushes.back()->type != REDIS_REPLY_INTEGER) return std::nullopt;
  return static_cast<std::uint64_t>(pushes.back()->integer);
}

}  // namespace realtime::redis
