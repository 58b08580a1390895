#include "redis/stream_queue.hpp"

#include <charconv>

#include "redis/scripts.hpp"

namespace realtime::redis {
namespace {

constexpr std::uint64_t kNone = ~std::uint64_t{0};

/// The number of the first change that is delivered.
std::uint64_t first_number(const Batch& batch) {
  for (const Piece& piece : batch.pieces) {
    for (std::uint32_t i = piece.begin; i < piece.end; ++i) {
      if (piece.frame->changes[i].length != 0) return piece.first_number + (i - piece.begin);
    }
  }
  return kNone;
}

std::string id_of(std::uint64_t number) {
  return std::to_string(number) + "-0";
}

}  // namespace

Status StreamQueue::may_push(const Batch& batch) {
  const std::uint64_t first = first_number(batch);
  if (first == kNone || !highest_ || *highest_ < first) return ok();
  return Error{ErrorKind::queue_ids_higher, "stream '" + name() + "' already holds id " +
                                                std::to_string(*highest_) +
                                                ", and the next message is number " + std::to_string(first)};
}

std::size_t write_xadd(Output& output, std::string_view queue, const Batch& batch) {
  std::size_t commands = 0;
  for (const Piece& piece : batch.pieces) {
    for (std::uint32_t i = piece.begin; i < piece.end; ++i) {
      const Change& change = piece.frame->changes[i];
      if (change.length == 0) continue;  // numbered, not delivered
      output.begin_command(9);
      output.argument("XADD");
      output.argument(queue);
      output.argument(id_of(piece.first_number + (i - piece.begin)));
      output.argument("payload");
      output.borrow(piece.frame->bulk(change));
      output.argument("lsn");
      output.argument(to_string(change.lsn));
      output.argument("xid");
      output.argument(std::to_string(change.xid));
      ++commands;
    }
  }
  return commands;
}

std::size_t StreamQueue::write_checks(const Batch& batch) {
  const std::string id = first_id(batch);
  output().command({"XRANGE", name(), id, id});
  return 1;
}

std::size_t StreamQueue::write_push(const Batch& batch) {
  // The last number, delivered or not: the next batch begins above it either way.
  const Piece& last = batch.pieces.back();
  batch_last_ = last.first_number + (last.end - last.begin) - 1;
  return write_xadd(output(), name(), batch);
}

std::size_t StreamQueue::write_after() {
  if (max_length_ == 0) return 0;
  output().command({"XTRIM", name(), "MAXLEN", "~", std::to_string(max_length_)});
  return 1;
}

std::string StreamQueue::first_id(const Batch& batch) {
  return id_of(first_number(batch));
}

bool StreamQueue::write_question() {
  output().command({"EVAL", kLastId, "1", name()});
  return true;
}

void StreamQueue::hear_answer(const redisReply& reply) {
  highest_.reset();
  if (reply.type != REDIS_REPLY_STRING) return;  // refused: the replies of XADD will tell
  const std::string_view id = text_of(reply);
  std::uint64_t number = 0;
  const auto [stop, error] = std::from_chars(id.data(), id.data() + id.size(), number);
  if (error == std::errc{} && stop != id.data() + id.size() && *stop == '-') highest_ = number;
}

std::optional<std::uint64_t> StreamQueue::length_from(std::span<redisReply* const>,
                                                      const redisReply& record) {
  if (record.type != REDIS_REPLY_INTEGER || record.integer < 0) return std::nullopt;
  return static_cast<std::uint64_t>(record.integer);
}

}  // namespace realtime::redis
