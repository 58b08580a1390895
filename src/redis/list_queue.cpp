#include "redis/list_queue.hpp"

namespace realtime::redis {
namespace {

/// Gathers runs of bulk strings into one LPUSH after another.
class LpushWriter {
 public:
  LpushWriter(Output& output, std::string_view queue) : output_(output), queue_(queue) {}

  void add(const Piece& piece) {
    const Frame& frame = *piece.frame;
    std::size_t begin = 0, end = 0;
    const auto close_run = [&] {
      if (end != 0) runs_.emplace_back(frame.encoded + begin, end - begin);
      end = 0;
    };
    for (std::uint32_t i = piece.begin; i < piece.end; ++i) {
      const Change& change = frame.changes[i];
      if (change.length == 0) continue;  // numbered, not delivered
      if (end == 0) begin = change.offset;
      RT_CHECK(end == 0 || end == change.offset, "the bulk strings of a frame are one run");
      end = std::size_t{change.offset} + change.length;
      if (++messages_ < kMaxArguments - 2) continue;
      close_run();
      finish_command();
    }
    close_run();
  }

  void finish_command() {
    if (messages_ == 0) return;
    output_.begin_command(2 + messages_);
    output_.argument("LPUSH");
    output_.argument(queue_);
    for (const std::string_view run : runs_) output_.borrow(run);
    runs_.clear();
    messages_ = 0;
    ++commands_;
  }

  std::size_t commands() const { return commands_; }

 private:
  Output& output_;
  const std::string_view queue_;
  std::vector<std::string_view> runs_;  // of the command that is being gathered
  std::size_t messages_ = 0;            // in them
  std::size_t commands_ = 0;
};

}  // namespace

std::size_t write_lpush(Output& output, std::string_view queue, const Batch& batch) {
  LpushWriter writer(output, queue);
  for (const Piece& piece : batch.pieces) writer.add(piece);
  writer.finish_command();
  return writer.commands();
}

std::optional<std::uint64_t> ListQueue::length_from(std::span<redisReply* const> pushes, const redisReply&) {
  if (pushes.empty() || pushes.back()->type != REDIS_REPLY_INTEGER) return std::nullopt;
  return static_cast<std::uint64_t>(pushes.back()->integer);
}

}  // namespace realtime::redis
