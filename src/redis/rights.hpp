#pragma once

#include <span>
#include <string>
#include <string_view>

namespace realtime::redis {

// The rights of an ACL user (redis.io "ACL"), as short as they can be; tests/redis runs everything as this
// user.

/// Without these the service does not run.
inline constexpr std::string_view kNeededRights =
    "+multi +exec +watch +unwatch +eval +type +get +set +persist +lpush";
/// For stream queues as well.
inline constexpr std::string_view kStreamRights = "+xadd +xrange +xtrim";
/// Without these the length, last id and backlog of a stream queue are unknown.
inline constexpr std::string_view kUsefulStreamRights = "+xlen +xinfo|stream +xinfo|groups";
/// Without one of these something is unknown (length, server facts, name in CLIENT LIST), or a database other
/// than 0 cannot be selected.
inline constexpr std::string_view kUsefulRights = "+llen +info +config|get +client|setname +select";

/// The statement that makes the user: ACL SETUSER <user> on ><password> ~<queue> ~{<queue>}:position
/// ~{<queue>}:stream ... <rights>. Those of streams only where one of the queues is one.
std::string acl_statement(std::string_view user, std::span<const std::string> queues, bool has_streams);

}  // namespace realtime::redis
