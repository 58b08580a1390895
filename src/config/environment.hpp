#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace realtime {

/// Environment variables as a value, so that nothing but main reads the real ones.
using Environment = std::map<std::string, std::string, std::less<>>;

/// The process' own. Call it before other threads start.
Environment process_environment();

/// A warning for each variable that looks as if it were meant for us and is not known, with the nearest known
/// name: every HASH_REALTIME_*, and HASH_PG_* and HASH_REDIS_* where they nearly spell a known one. Not for
/// what Kubernetes injects (*_SERVICE_*, *_PORT_<n>_*). Values are never shown. At most 32. Pure; any thread.
std::vector<std::string> unknown_variable_warnings(const Environment& environment);

}  // namespace realtime
