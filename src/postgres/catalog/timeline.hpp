#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "realtime/lsn.hpp"
#include "realtime/result.hpp"

#include "postgres/connection.hpp"

namespace realtime::postgres {

/// Where the server's history left its earlier timelines: (timeline, switch point), oldest first. Over a
/// replication connection (PostgreSQL documentation, "Streaming Replication Protocol", TIMELINE_HISTORY).
/// Timeline 1 has none.
Result<std::vector<std::pair<std::uint32_t, Lsn>>> read_timeline_ends(Connection& connection,
                                                                      std::uint32_t timeline);

/// The text of a timeline history file: a line a timeline, "<timeline>\t<switch point>\t<reason>"; other
/// lines are passed over. Pure.
std::vector<std::pair<std::uint32_t, Lsn>> parse_timeline_history(std::string_view text);

}  // namespace realtime::postgres
