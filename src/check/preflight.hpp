#pragma once

#include <chrono>

#include "check/finding.hpp"
#include "config/config.hpp"

namespace realtime::preflight {

/// Tries every requirement on PostgreSQL, Redis and the HTTP port for real, all at the same time.
///
/// Operation: tables of checks (server_checks, slot_checks, table_checks; redis_checks; http_checks) and what
/// both sides say together (positions). Pushes nothing, leaves nothing, is safe beside a running owner: the
/// one thing it makes is a temporary slot, which goes with its connection; Redis' commands are queued in a
/// transaction that is never executed. Deadline: returns within 14 s whatever the servers and the resolver
/// do. A side that does not answer keeps its thread, which ends by itself; a process that ends next must do
/// so without destructors (std::_Exit). Concurrency: any thread. `stop_fd` (-1: none) ends all of it at once.
Findings run(const Config& config, int stop_fd);

inline constexpr std::chrono::milliseconds kWaitLimit{11'500};  ///< for every wait of a side
inline constexpr std::chrono::milliseconds kHardLimit{13'500};  ///< for what cannot be waited for in slices

}  // namespace realtime::preflight
