#pragma once

#include <cstdint>
#include <string_view>

#include "realtime/result.hpp"
#include "realtime/timeline_history.hpp"

#include "postgres/connection.hpp"

namespace realtime::postgres {

/// Where the server's history left its earlier timelines. Over a replication connection (PostgreSQL
/// documentation, "Streaming Replication Protocol", TIMELINE_HISTORY). Timeline 1 has none.
Result<TimelineHistory> read_timelines(Connection& connection, std::uint32_t timeline);

/// The text of a timeline history file: a line a timeline, "<timeline>\t<switch point>\t<reason>"; other
/// lines are passed over. Pure.
TimelineHistory parse_timeline_history(std::string_view text);

}  // namespace realtime::postgres
