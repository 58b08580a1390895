#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include <hiredis/hiredis.h>

#include "realtime/result.hpp"

namespace realtime::redis {

struct FreeReply {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using Reply = std::unique_ptr<redisReply, FreeReply>;

inline std::string_view text_of(const redisReply& reply) {
  return {reply.str, reply.len};
}
inline bool is_error(const redisReply& reply) {
  return reply.type == REDIS_REPLY_ERROR;
}
inline bool is_status(const redisReply& reply, std::string_view text) {
  return reply.type == REDIS_REPLY_STATUS && text_of(reply) == text;
}
inline std::span<redisReply* const> elements_of(const redisReply& reply) {
  return {reply.element, reply.elements};
}

/// Turns bytes from the server into replies with hiredis' parser. Bounded: a reply larger than `max_bytes`,
/// an array of more than a million elements, or arrays nested deeper than seven, are an error and not an allocation. One thread at a time.
class ReplyReader {
 public:
  explicit ReplyReader(std::size_t max_bytes = 1 << 20);
  Status feed(std::span<const char> bytes);
  /// The next whole reply, or nothing yet. After an error the connection is of no use.
  Result<std::optional<Reply>> next();
  void reset();

 private:
  struct FreeReader {
    void operator()(redisReader* reader) const { redisReaderFree(reader); }
  };
  std::unique_ptr<redisReader, FreeReader> reader_;
  std::size_t max_bytes_;
  std::size_t unparsed_ = 0;  ///< bytes fed since the last whole reply
};

}  // namespace realtime::redis
