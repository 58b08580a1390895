#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "redis/client.hpp"

namespace realtime::redis {

/// What a Redis server says about itself, as far as it does: providers hide and rename (CONFIG, fields of
/// INFO), and an ACL user may not ask. Nothing means unknown, never a fault.
struct ServerFacts {
  std::optional<std::string>
      version;  ///< redis_version; Valkey gives the Redis version it is compatible with
  std::optional<std::string> product;  ///< "valkey", where the server has a name of its own
  std::optional<std::string> role;     ///< "master" or "slave"
  std::optional<bool> cluster;
  std::optional<std::uint64_t> used_memory, max_memory;  ///< bytes; max_memory 0: no limit
  std::optional<std::string> eviction;                   ///< maxmemory_policy
  std::optional<bool> append_only;
  std::optional<bool> append_written;              ///< aof_last_write_status is ok
  std::optional<std::string> append_fsync;         ///< "always", "everysec", "no"
  std::optional<std::string> snapshots;            ///< CONFIG `save`; empty: no RDB snapshots
  std::optional<std::uint64_t> max_message_bytes;  ///< proto-max-bulk-len
};

/// Asks with INFO and CONFIG GET. An error only where the server could not be reached.
Result<ServerFacts> ask_facts(Client& client);

/// The longest message that the server takes (proto-max-bulk-len), or nothing where it does not tell. Pushes
/// find it out then.
std::optional<std::uint64_t> ask_longest_message(Client& client);

/// How many keys the server has thrown away since it started, and which it may.
struct Evictions {
  std::optional<std::uint64_t> evicted_keys;
  std::optional<std::string> eviction;  ///< maxmemory_policy
};
Result<Evictions> ask_evictions(Client& client);

/// The value of `field` in a text of INFO ("field:value\r\n"), or nothing. Pure.
std::optional<std::string> info_field(std::string_view info, std::string_view field);

}  // namespace realtime::redis
