#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "realtime/lsn.hpp"

namespace realtime {

/// Where a server's history left its earlier timelines: a position on one of them is this history's only up
/// to that timeline's end. A value; empty on a server that was never promoted.
class TimelineHistory {
 public:
  TimelineHistory() = default;
  TimelineHistory(std::initializer_list<std::pair<std::uint32_t, Lsn>> ends) : ends_(ends) {}

  /// Timelines come oldest first, as in the server's own file.
  void add(std::uint32_t timeline, Lsn end) { ends_.emplace_back(timeline, end); }
  /// None: the server's history never was on this timeline, or is on it still.
  std::optional<Lsn> end_of(std::uint32_t timeline) const {
    const auto found = std::find_if(ends_.begin(), ends_.end(),
                                    [timeline](const auto& end) { return end.first == timeline; });
    return found == ends_.end() ? std::nullopt : std::optional(found->second);
  }
  /// Whether a position on `timeline`, an older one, is part of this history.
  bool holds(std::uint32_t timeline, Lsn position) const {
    const auto end = end_of(timeline);
    return end && position <= *end;
  }
  /// Which earlier timeline a position is on; none: the current one.
  std::optional<std::uint32_t> timeline_at(Lsn position) const {
    for (const auto& [timeline, end] : ends_) {
      if (position <= end) return timeline;
    }
    return std::nullopt;
  }
  const std::vector<std::pair<std::uint32_t, Lsn>>& ends() const { return ends_; }
  std::size_t size() const { return ends_.size(); }
  bool operator==(const TimelineHistory&) const = default;

 private:
  std::vector<std::pair<std::uint32_t, Lsn>> ends_;
};

}  // namespace realtime
