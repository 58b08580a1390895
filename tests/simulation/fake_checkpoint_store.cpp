#include "simulation/fake_checkpoint_store.hpp"

namespace realtime::sim {
namespace {

Error unreachable() {
  return {ErrorKind::redis_unreachable, "the connection was cut"};
}

}  // namespace

Result<std::vector<std::optional<std::string>>> FakeCheckpointStore::read_all() {
  if (auto dead = life_.call()) return *dead;
  if (fails_ && chance_.happens(0.03)) return unreachable();
  forgets_at_reading_ = redis_.forgets();
  std::vector<std::optional<std::string>> texts;
  for (const HeldQueue& queue : redis_.queues()) texts.push_back(queue.record);
  return texts;
}

Result<std::vector<std::optional<std::string>>> FakeCheckpointStore::read_lists() {
  if (auto dead = life_.call()) return *dead;
  return std::vector<std::optional<std::string>>(redis_.queues().size());  // its filters are short
}

Result<std::vector<QueueContents>> FakeCheckpointStore::look_at_queues() {
  if (auto dead = life_.call()) return *dead;
  return std::vector<QueueContents>(redis_.queues().size());
}

Result<Swapped> FakeCheckpointStore::compare_and_set(const CheckpointChange& change) {
  if (auto dead = life_.call()) return *dead;
  if (!life_.has_lock) truth_.red("a record was changed by one that has not got the slot");
  if (fails_ && chance_.happens(0.03)) return unreachable();
  const bool swapped = redis_.fence(change.queue, change.expected, change.next, life_.owner);
  if (fails_ && chance_.happens(0.03)) return unreachable();  // done, and nobody was told
  if (life_.calls_left == 0) return Error{ErrorKind::stopped, "killed"};
  if (swapped) return Swapped{true, std::nullopt};
  return Swapped{false, redis_.queues()[change.queue].record};
}

}  // namespace realtime::sim
