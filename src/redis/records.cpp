#include "redis/records.hpp"

#include <algorithm>

#include "redis/keys.hpp"
#include "redis/replies.hpp"
#include "redis/scripts.hpp"
#include "redis/server_facts.hpp"

namespace realtime::redis {
namespace {

bool is_sentinel(Client& client) {
  const Result<Reply> info = client.ask_one({"INFO", "server"}, "INFO");
  return info && (*info)->type == REDIS_REPLY_STRING &&
         info_field(text_of(**info), "redis_mode") == "sentinel";
}

Error out_of_step(std::string_view what) {
  return {ErrorKind::redis_unreachable, "Redis answered out of step when asked for " + std::string(what)};
}

/// The number under a name in a flat list of names and values; nothing where it is nil or missing.
std::optional<std::uint64_t> number_in(std::span<redisReply* const> map, std::string_view name) {
  for (std::size_t i = 0; i + 1 < map.size(); i += 2) {
    if (map[i]->type != REDIS_REPLY_STRING || text_of(*map[i]) != name) continue;
    if (map[i + 1]->type != REDIS_REPLY_INTEGER || map[i + 1]->integer < 0) return std::nullopt;
    return static_cast<std::uint64_t>(map[i + 1]->integer);
  }
  return std::nullopt;
}

/// What the group that is furthest behind has not read or not acknowledged. Redis counts in `lag` what it has
/// added since the group's last read, entries that were cut off too: what is above the length is cut.
QueueKey with_groups(QueueKey key, const redisReply& groups) {
  if (groups.type != REDIS_REPLY_ARRAY || groups.elements == 0 || !key.length) return key;
  for (const redisReply* group : elements_of(groups)) {
    const auto fields = elements_of(*group);
    const auto lag = number_in(fields, "lag"), pending = number_in(fields, "pending");
    if (group->type != REDIS_REPLY_ARRAY || !lag || !pending) {
      key.waiting.reset();  // Redis before 7, or one that has lost count: of one group, so of all
      return key;
    }
    const std::uint64_t unread = std::min(*lag, *key.length);
    key.waiting = std::max(key.waiting.value_or(0), unread + *pending);
    key.cut_unread = std::max(key.cut_unread, *lag - unread);
  }
  return key;
}

}  // namespace

Result<std::vector<std::optional<std::string>>> RecordStore::read_all(std::span<const std::string> queues) {
  return read_texts(queues, record_key);
}

Result<std::vector<std::optional<std::string>>> RecordStore::read_lists(std::span<const std::string> queues) {
  return read_texts(queues, lists_key);
}

Result<std::vector<std::optional<std::string>>> RecordStore::read_texts(
    std::span<const std::string> queues, std::string (*key)(std::string_view)) {
  std::vector<Client::Command> commands;
  for (const std::string& queue : queues) commands.push_back({"GET", key(queue)});
  Result<std::vector<Reply>> replies = client_.ask(commands);
  if (!replies) return replies.error();
  if (!replies->empty() && text_of(*replies->front()).starts_with("ERR unknown command") &&
      is_sentinel(client_))
    return Error{ErrorKind::redis_unknown,
                 "HASH_REDIS_HOST and HASH_REDIS_PORT lead to a Redis Sentinel, which holds no queues",
                 "Let HASH_REDIS_HOST and HASH_REDIS_PORT name the Redis itself (its default port is 6379)."};
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
                                      std::string_view text, std::string_view lists) {
  const std::string name(queue);
  Client::Command command = {"EVAL", std::string(kReplaceRecord), lists.empty() ? "2" : "3", name,
                             record_key(name)};
  if (!lists.empty()) command.push_back(lists_key(name));
  command.emplace_back(text);
  command.emplace_back(lists);
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
  // Everything is asked at once: what does not fit the type is answered with WRONGTYPE, which is no harm.
  constexpr std::size_t kEach = 5;
  std::vector<Client::Command> commands;
  for (const std::string& queue : queues) {
    commands.push_back({"TYPE", queue});
    commands.push_back({"LLEN", queue});
    commands.push_back({"XLEN", queue});
    commands.push_back({"XINFO", "GROUPS", queue});
    commands.push_back({"GET", record_key(queue)});
  }
  Result<std::vector<Reply>> replies = client_.ask(commands);
  if (!replies) return replies.error();
  std::vector<QueueKey> keys(queues.size());
  for (std::size_t i = 0; i < queues.size(); ++i) {
    const redisReply& type = *(*replies)[kEach * i];
    if (type.type == REDIS_REPLY_STATUS) keys[i].type = text_of(type);
    for (const std::size_t at : {kEach * i + 1, kEach * i + 2}) {
      const redisReply& length = *(*replies)[at];
      if (length.type == REDIS_REPLY_INTEGER) keys[i].length = static_cast<std::uint64_t>(length.integer);
      if (keys[i].length.value_or(0) > 0) break;  // a key that does not exist has length 0 in both
    }
    keys[i].has_record = (*replies)[kEach * i + 4]->type == REDIS_REPLY_STRING;
    if (keys[i].type == "list") keys[i].waiting = keys[i].length;
    if (keys[i].type == "stream") keys[i] = with_groups(std::move(keys[i]), *(*replies)[kEach * i + 3]);
  }
  return keys;
}

}  // namespace realtime::redis
