#include "redis/redis_checkpoint_store.hpp"

#include <charconv>
#include <utility>

#include "base/check.hpp"
#include "redis/scripts.hpp"

namespace realtime::redis {
namespace {

/// The number before the dash of a stream's id; 0 where there is none to be had.
std::uint64_t last_id(RecordStore& records, const std::string& queue) {
  const auto reply = records.client().ask_one({"EVAL", std::string(kLastId), "1", queue}, "its last id");
  std::uint64_t number = 0;
  if (!reply || (*reply)->type != REDIS_REPLY_STRING) return number;
  const std::string_view text = text_of(**reply);
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

RedisCheckpointStore::RedisCheckpointStore(Endpoint endpoint, std::function<bool()> give_up,
                                           std::vector<Queue> queues)
    : owned_(std::make_unique<RecordStore>(std::move(endpoint), std::move(give_up))),
      records_(*owned_),
      queues_(std::move(queues)) {
  for (const Queue& queue : queues_) names_.push_back(queue.name);
}

RedisCheckpointStore::RedisCheckpointStore(RecordStore& records, std::vector<Queue> queues)
    : records_(records), queues_(std::move(queues)) {
  for (const Queue& queue : queues_) names_.push_back(queue.name);
}

Result<std::vector<std::optional<std::string>>> RedisCheckpointStore::read_all() {
  return records_.read_all(names_);
}

Result<std::vector<std::optional<std::string>>> RedisCheckpointStore::read_lists() {
  return records_.read_lists(names_);
}

Result<std::vector<QueueContents>> RedisCheckpointStore::look_at_queues() {
  std::vector<QueueContents> contents;
  for (const Queue& queue : queues_)
    contents.push_back({queue.is_stream ? last_id(records_, queue.name) : 0});
  return contents;
}

Result<Swapped> RedisCheckpointStore::compare_and_set(const CheckpointChange& change) {
  RT_CHECK(change.queue < queues_.size(), "one of the store's queues");
  RT_CHECK(!change.next.empty(), "a record is never taken away");
  auto replaced = records_.replace(names_[change.queue], change.expected, change.next, change.lists);
  if (!replaced) return replaced.error();
  return Swapped{replaced->replaced, std::move(replaced->current)};
}

void RedisCheckpointStore::rest() {
  if (owned_) owned_->client().close();
}

}  // namespace realtime::redis
