#include "redis/records.hpp"

#include "redis/keys.hpp"
#include "redis/replies.hpp"
#include "redis/scripts.hpp"

namespace realtime::redis {
namespace {

Error out_of_step(std::string_view what) {
  return {ErrorKind::redis_unreachable, "Redis answered out of step when asked for " + std::string(what)};
}

}  // namespace

Result<std::vector<std::optional<std::string>>> RecordStore::read_all(std::span<const std::string> queues) {
  std::vector<Client::Command> commands;
  for (const std::string& queue : queues) commands.push_back({"GET", record_key(queue)});
  Result<std::vector<Reply>> replies = client_.ask(commands);
  if (!replies) return replies.error();
  std::vector<std::optional<std::string>> records;
  for (std::size_t i = 0; i < queues.size(); ++i) {
    const redisReply& reply = *(*replies)[i];
    if (is_error(reply))
      return error_from(text_of(reply), "the record of queue '" + queues[i] + "' could not be read");
    if (reply.type != REDIS_REPLY_STRING && reply.type != REDIS_REPLY_NIL) return out_of_step("the records");
    records.emplace_back();
    if (reply.type == REDIS_REPLY_STRING) records.back() = text_of(reply);
  }
  return records;
}

Result<Replaced> RecordStore::replace(std::string_view queue, const std::optional<std::string>& expected,
                                      std::string_view text) {
  const std::string name(queue);
  Client::Command command = {"EVAL",           std::string(kReplaceRecord), "2", name, record_key(name),
                             std::string(text)};
  if (expected) command.push_back(*expected);
  const Result<Reply> reply =
      client_.ask_one(command, "the record of queue '" + name + "' could not be replaced");
  if (!reply) return reply.error();
  const std::span<redisReply* const> parts = elements_of(**reply);
  if ((*reply)->type != REDIS_REPLY_ARRAY || parts.empty() || parts.size() > 2 ||
      parts[0]->type != REDIS_REPLY_INTEGER)
    return out_of_step("a record's replacement");
  Replaced result{parts[0]->integer == 1, std::nullopt};
  if (parts.size() == 2 && parts[1]->type == REDIS_REPLY_STRING) result.current = text_of(*parts[1]);
  return result;
}

Result<std::vector<QueueKey>> RecordStore::look_at(std::span<const std::string> queues) {
  // The length is asked in both ways at once: the wrong one is answered with WRONGTYPE, which is no harm.
  std::vector<Client::Command> commands;
  for (const std::string& queue : queues) {
    commands.push_back({"TYPE", queue});
    commands.push_back({"LLEN", queue});
    commands.push_back({"XLEN", queue});
  }
  Result<std::vector<Reply>> replies = client_.ask(commands);
  if (!replies) return replies.error();
  std::vector<QueueKey> keys(queues.size());
  for (std::size_t i = 0; i < queues.size(); ++i) {
    const redisReply& type = *(*replies)[3 * i];
    if (type.type == REDIS_REPLY_STATUS) keys[i].type = text_of(type);
    for (const std::size_t at : {3 * i + 1, 3 * i + 2}) {
      const redisReply& length = *(*replies)[at];
      if (length.type == REDIS_REPLY_INTEGER) keys[i].length = static_cast<std::uint64_t>(length.integer);
      if (keys[i].length.value_or(0) > 0) break;  // a key that does not exist has length 0 in both
    }
  }
  return keys;
}

}  // namespace realtime::redis
