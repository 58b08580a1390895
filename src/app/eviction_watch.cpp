#include "app/eviction_watch.hpp"

#include <utility>

#include "base/log.hpp"
#include "redis/server_facts.hpp"

namespace realtime {
namespace {

constexpr Duration kInterval = std::chrono::seconds(5);
constexpr Duration kPause = std::chrono::minutes(1);  // after a line

}  // namespace

void EvictionWatch::look(redis::Client& client, TimePoint now) {
  if (now < next_) return;
  next_ = now + kInterval;
  const auto facts = redis::ask_evictions(client);
  if (!facts || !facts->evicted_keys) return;
  const auto before = std::exchange(seen_, *facts->evicted_keys);
  const bool takes_ours = facts->eviction && facts->eviction->starts_with("allkeys");
  if (!takes_ours || !before || *seen_ <= *before) return;  // fewer: Redis was started anew
  log::error("Redis has thrown away " + std::to_string(*seen_ - *before) +
                 " keys for want of memory (maxmemory-policy " + *facts->eviction +
                 "): queues and their messages may be among them",
             {{"remedy",
               "CONFIG SET maxmemory-policy noeviction, and more maxmemory or faster consumers. What "
               "is gone must come from elsewhere."}});
  next_ = now + kPause;
}

}  // namespace realtime
