// Redis itself: can it be reached, does it keep what it is given.

#include <algorithm>
#include <cstdlib>
#include <tuple>

#include "base/text.hpp"
#include "check/redis_side.hpp"
#include "redis/rights.hpp"

namespace realtime::preflight {
namespace {

constexpr std::chrono::milliseconds kSilence{4000};

redis::Endpoint hurried(redis::Endpoint endpoint) {
  endpoint.silence = kSilence;
  return endpoint;
}

void connection(RedisSide& side, Notes& notes) {
  const auto read = side.store.read_all(side.queues);
  const bool connected = read || read.error().kind == ErrorKind::redis_right_missing ||
                         read.error().kind == ErrorKind::queue_wrong_type;  // what follows says more
  side.failed = !connected;
  if (!connected) return notes.error(read.error());
  const std::string user =
      side.config.redis.username.empty() ? "the default user" : in_quotes(side.config.redis.username);
  notes.ok(side.endpoint.text() + ", database " + std::to_string(side.endpoint.database) + " as " + user);
}

void facts(RedisSide& side, Notes& notes) {
  auto asked = redis::ask_facts(side.store.client());
  if (!asked) {
    side.failed = true;
    return notes.error(asked.error());
  }
  side.facts = std::move(*asked);
  if (!side.facts.version) return notes.unknown("the server does not tell its version (INFO)");
  const std::string text =
      (side.facts.product ? *side.facts.product + ", compatible with Redis " : "Redis ") +
      *side.facts.version;
  if (std::atoi(side.facts.version->c_str()) < 5)
    return notes.error(text + " is too old", "Upgrade Redis to 5 or later (6.2 or later for ACL users).");
  notes.ok(text);
}

void tls(RedisSide& side, Notes& notes) {
  if (side.endpoint.tls.enabled) return notes.ok("in use; the server's certificate and name are verified");
  if (is_local(side.endpoint.host)) return notes.ok("not in use; the server is on this machine");
  notes.warning("not in use: the password and rows cross the network as they are",
                "Set HASH_REDIS_ENCRYPTED_TRANSIT=true.");
}

void role(RedisSide& side, Notes& notes) {
  if (side.facts.cluster.value_or(false)) {
    return notes.error("Redis runs in cluster mode, which is not supported yet",
                       "Let HASH_REDIS_HOST name a Redis that is not part of a cluster.");
  }
  if (!side.facts.role) return notes.unknown("the server does not tell whether it is a primary (INFO)");
  if (*side.facts.role == "master") return notes.ok("a primary, not in cluster mode");
  notes.error("this Redis is a replica, which refuses writes", "Let HASH_REDIS_HOST name the primary.");
}

void memory(RedisSide& side, Notes& notes) {
  const auto &used = side.facts.used_memory, &most = side.facts.max_memory;
  if (!used || !most) return notes.unknown("the server does not tell its memory (INFO)");
  if (*most == 0) return notes.ok(bytes_words(*used) + " used; maxmemory is not set");
  const std::string text = bytes_words(*used) + " of " + bytes_words(*most) + " used";
  if (*used < *most - *most / 5) return notes.ok(text);
  notes.warning(text + ": Redis soon refuses writes, and then every queue waits",
                "let the consumers catch up, or raise maxmemory (CONFIG SET maxmemory)");
}

void eviction(RedisSide& side, Notes& notes) {
  if (!side.facts.eviction) return notes.unknown("maxmemory-policy is not known");
  const std::string& policy = *side.facts.eviction;
  if (policy == "noeviction") return notes.ok("maxmemory-policy is noeviction");
  if (!policy.starts_with("allkeys-")) {
    return notes.ok("maxmemory-policy is " + policy +
                    ": it evicts only keys that expire, and queues and positions do not");
  }
  notes.error("maxmemory-policy is " + policy + ": Redis may evict queues and positions",
              "CONFIG SET maxmemory-policy noeviction");
}

void persistence(RedisSide& side, Notes& notes) {
  const auto& [append, fsync, snapshots] =
      std::tie(side.facts.append_only, side.facts.append_fsync, side.facts.snapshots);
  const std::string remedy = "CONFIG SET appendonly yes; CONFIG SET appendfsync everysec";
  if (!append) return notes.unknown("whether Redis keeps its data is not known");
  if (*append && side.facts.append_written == false) {
    return notes.error(
        "Redis cannot write its append-only file (aof_last_write_status): it refuses what is pushed, and "
        "nothing is "
        "confirmed to PostgreSQL",
        "Free disk space for Redis; its log has the reason.");
  }
  if (!*append && !snapshots) {
    return notes.error(
        "Redis has no append-only file: what a crash of Redis takes is more than the replay window covers",
        remedy);
  }
  if (!*append && snapshots->empty())
    return notes.error("Redis keeps nothing: a restart empties queues and positions", remedy);
  if (!*append)
    return notes.error("Redis keeps only RDB snapshots: a crash loses minutes, which no replay window covers",
                       remedy);
  if (!fsync) return notes.unknown("the append-only file is on; appendfsync is not known");
  if (*fsync == "no") {
    return notes.warning(
        "the append-only file is written when the system likes (appendfsync no): a power cut loses half a "
        "minute",
        "CONFIG SET appendfsync everysec");
  }
  notes.ok("the append-only file is on, appendfsync " + *fsync);
}

constexpr Check<RedisSide> kChecks[] = {
    {"connection", connection},
    {"version", facts},
    {"tls", tls},
    {"role", role},
    {"memory", memory},
    {"eviction", eviction},
    {"persistence", persistence},
    {"rights", detail::try_rights},
    {"queue", detail::look_at_queues},
};

}  // namespace

RedisSide::RedisSide(const Config& its_config, const Wiring& its_wiring, const Deadline& its_deadline)
    : config(its_config),
      deadline(its_deadline),
      endpoint(hurried(its_wiring.redis_endpoint())),
      store(endpoint, [this] { return deadline.is_over(); }),
      long_lists(!its_wiring.configured_filter().digest.empty()) {
  for (const QueueSpec& queue : config.queues) queues.push_back(queue.name);
}

std::string RedisSide::acl() const {
  const bool has_streams =
      std::any_of(config.queues.begin(), config.queues.end(),
                  [](const QueueSpec& queue) { return queue.kind == QueueKind::stream; });
  return redis::acl_statement(config.redis.username.empty() ? "default" : config.redis.username, queues,
                              has_streams);
}

Findings check_redis(RedisSide& side) {
  return run_all("redis", kChecks, side);
}

}  // namespace realtime::preflight
