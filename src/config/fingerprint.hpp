#pragma once

#include <string>

#include "config/config.hpp"

namespace realtime {

/// 8 hex digits that are equal for two instances exactly if they would deliver the same changes to the same
/// queues of the same Redis: queues with their kinds, tables, excluded tables (the order does not matter),
/// and Redis' host, port and database. The plugin is left out, since it changes no message. Stable across
/// versions: an owner and its standby may be neighbouring ones. Pure; any thread.
std::string fingerprint(const Config& config);

}  // namespace realtime
