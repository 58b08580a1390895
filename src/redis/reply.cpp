#include "redis/reply.hpp"

namespace realtime::redis {
namespace {

constexpr std::size_t kMaxElements = 1 << 20;
constexpr int kMaxDepth = 7;  // of arrays in arrays: no reply to us has more than two

Error broken(const char* why) {
  return {ErrorKind::redis_unreachable, std::string("Redis answered what is not its protocol: ") + why};
}

redisReplyObjectFunctions& original() {
  static redisReplyObjectFunctions functions = [] {
    redisReader* reader = redisReaderCreate();
    RT_CHECK(reader != nullptr, "out of memory");
    const redisReplyObjectFunctions copied = *reader->fn;
    redisReaderFree(reader);
    return copied;
  }();
  return functions;
}

/// hiredis allocates what an array's head announces, and from 1.0 on goes as deep as it is told, which would end
/// the process where the reply is freed, level by level; this refuses a head that announces nonsense. A template,
/// because the type of `elements` differs between hiredis' versions.
template <typename Size>
void* create_bounded_array(const redisReadTask* task, Size elements) {
  if (static_cast<std::size_t>(elements) > kMaxElements) return nullptr;
  int depth = 1;
  for (const redisReadTask* outer = task->parent; outer != nullptr; outer = outer->parent) {
    if (++depth > kMaxDepth) return nullptr;
  }
  return original().createArray(task, elements);
}

redisReplyObjectFunctions* bounded() {
  static redisReplyObjectFunctions functions = [] {
    redisReplyObjectFunctions copied = original();
    copied.createArray = &create_bounded_array;
    return copied;
  }();
  return &functions;
}

}  // namespace

ReplyReader::ReplyReader(std::size_t max_bytes) : max_bytes_(max_bytes) {
  reset();
}

void ReplyReader::reset() {
  reader_.reset(redisReaderCreateWithFunctions(bounded()));
  RT_CHECK(reader_ != nullptr, "out of memory");
  unparsed_ = 0;
}

Status ReplyReader::feed(std::span<const char> bytes) {
  unparsed_ += bytes.size();
  if (unparsed_ > max_bytes_) return broken("a reply too large");
  if (redisReaderFeed(reader_.get(), bytes.data(), bytes.size()) != REDIS_OK) return broken(reader_->errstr);
  return ok();
}

Result<std::optional<Reply>> ReplyReader::next() {
  void* reply = nullptr;
  if (redisReaderGetReply(reader_.get(), &reply) != REDIS_OK) return broken(reader_->errstr);
  if (reply == nullptr) return std::optional<Reply>();
  unparsed_ = reader_->len - reader_->pos;
  return std::optional<Reply>(Reply(static_cast<redisReply*>(reply)));
}

}  // namespace realtime::redis
