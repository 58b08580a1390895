#include "ownership/living_owner.hpp"

#include <algorithm>
#include <chrono>

namespace realtime {

std::optional<Error> LivingOwner::look(const std::vector<QueueView>& queues, std::int64_t server_started_us,
                                       TimePoint now) {
  Duration patience = lease_;
  std::string whose;
  std::vector<std::optional<Seen>> seen;
  for (const QueueView& queue : queues) {
    seen.emplace_back();
    if (!queue.record || ours_.contains(queue.record->epoch)) continue;
    const LifeSign& life = queue.record->life;
    if (life.server_started_us != 0 && life.server_started_us == server_started_us) continue;
    seen.back() = Seen{queue.record->epoch, queue.record->position, life.beat};
    patience = std::max<Duration>(patience, std::chrono::milliseconds(life.lease_ms));
    if (whose.empty()) whose = queue.name;
  }
  if (whose.empty()) {
    seen_.clear();
    moved_ = false;
    return std::nullopt;
  }
  if (seen != seen_) {
    moved_ = !seen_.empty();
    seen_ = std::move(seen);
    since_ = now;
  }
  if (now - since_ >= patience) return std::nullopt;
  const std::string seconds =
      std::to_string(std::chrono::duration_cast<std::chrono::seconds>(patience).count()) + " s";
  if (moved_) {
    return Error{ErrorKind::history_open,
                 "queue " + whose +
                     ": an owner at another server goes on writing its position record: this server may be a "
                     "copy of that one, and nothing is taken from it",
                 "Stop the instance that is meant for the other server, or this one. This is tried again; it "
                 "goes on once the record has stood still for " +
                     seconds + "."};
  }
  return Error{ErrorKind::history_open,
               "queue " + whose +
                   ": its position record was written at another server, or before this one was started: "
                   "watched for " +
                   seconds + ", for its owner may be alive beside this server",
               "Nothing is to be done."};
}

}  // namespace realtime
