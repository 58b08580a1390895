#pragma once

#include <cstdint>
#include <string_view>

namespace realtime::postgres {

/// Reads a time as wal2json writes it with include-timestamp, "2026-11-22 06:00:53.165619+00", in
/// microseconds since 2000-01-01 UTC; 0 where it is no such text. Any thread.
std::int64_t parse_commit_time(std::string_view text);

}  // namespace realtime::postgres
