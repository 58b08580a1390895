#include "postgres/timeline.hpp"

#include <algorithm>
#include <charconv>
#include <string>

namespace realtime::postgres {

TimelineHistory parse_timeline_history(std::string_view text) {
  TimelineHistory ends;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    std::uint32_t timeline = 0;
    const auto [stop, error] = std::from_chars(line.data(), line.data() + line.size(), timeline);
    if (error != std::errc{}) continue;
    std::string_view rest = line.substr(static_cast<std::size_t>(stop - line.data()));
    const std::size_t begin = rest.find_first_not_of(" \t");
    if (begin == std::string_view::npos) continue;
    rest = rest.substr(begin, rest.find_first_of(" \t", begin) - begin);
    if (const auto lsn = parse_lsn(rest)) ends.add(timeline, *lsn);
  }
  return ends;
}

Result<TimelineHistory> read_timelines(Connection& connection, std::uint32_t timeline) {
  if (timeline <= 1) return TimelineHistory();
  Result<Rows> rows = connection.query("TIMELINE_HISTORY " + std::to_string(timeline));
  if (!rows) return rows.error();
  if (rows->count() != 1) return Error{ErrorKind::postgres_protocol, "TIMELINE_HISTORY gave no row"};
  return parse_timeline_history(rows->text(0, 1));
}

}  // namespace realtime::postgres
