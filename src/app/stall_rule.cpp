#include "app/stall_rule.hpp"

namespace realtime {
namespace {

constexpr Duration kFrozen = std::chrono::seconds(10);

}  // namespace

std::string StallRule::look(std::span<const Pulse> pulses, TimePoint now) {
  std::string words;
  std::map<std::string, Seen> seen;  // whoever is gone is forgotten
  for (const Pulse& pulse : pulses) {
    const auto before = seen_.find(pulse.name);
    Seen one{pulse.moves, now, now};
    if (before != seen_.end() && pulse.is_due && before->second.moves == pulse.moves &&
        now - before->second.looked < kFrozen)
      one.since = before->second.since;
    if (words.empty() && now - one.since >= pulse.limit) {
      const auto limit = std::chrono::duration_cast<std::chrono::seconds>(pulse.limit).count();
      words = pulse.name + " has made no step for " + std::to_string(limit) + " s while it had work";
    }
    seen.insert_or_assign(pulse.name, one);
  }
  seen_ = std::move(seen);
  return words;
}

}  // namespace realtime
