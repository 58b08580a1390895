#include "app/trouble.hpp"

#include <algorithm>

#include "base/log.hpp"

namespace realtime {

RepeatGate::Trouble RepeatGate::failed(std::string_view subject, ErrorKind kind, TimePoint now) {
  auto found = troubles_.find(subject);
  const bool begins = found == troubles_.end();
  if (begins) {
    if (troubles_.size() >= kMaxSubjects) {
      troubles_.erase(std::min_element(troubles_.begin(), troubles_.end(), [](const auto& a, const auto& b) {
        return a.second.since < b.second.since;
      }));
    }
    found = troubles_.emplace(std::string(subject), State{now, 0, {}, kind}).first;
    found->second.said.fill(TimePoint::min());
  }
  State& state = found->second;
  ++state.times;
  state.last = kind;
  // Each kind has a minute of its own: two that alternate (refused, loading, refused) must not flood either.
  TimePoint& said = state.said[static_cast<std::size_t>(kind)];
  const bool say = said == TimePoint::min() || now - said >= repeat_;
  if (say) said = now;
  return {say, begins, now - state.since, state.times, kind};
}

std::optional<RepeatGate::Trouble> RepeatGate::worked(std::string_view subject, TimePoint now) {
  const auto found = troubles_.find(subject);
  if (found == troubles_.end()) return std::nullopt;
  const Trouble over{true, false, now - found->second.since, found->second.times, found->second.last};
  troubles_.erase(found);
  return over;
}

namespace {

std::string seconds_text(Duration duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(duration).count());
}

/// What works, as the kind of the failure before it tells.
std::string_view what_works(ErrorKind kind) {
  const std::string_view name = policy_of(kind).name;
  if (name.starts_with("postgres_")) return "PostgreSQL answers";
  if (name.starts_with("redis_")) return "Redis answers";
  if (name.starts_with("slot_")) return "the slot can be used";
  return "it goes on";
}

}  // namespace

void say_failed(RepeatGate& gate, std::string_view subject, const Error& error, TimePoint now) {
  const RepeatGate::Trouble trouble = gate.failed(subject, error.kind, now);
  if (!trouble.say) return;
  const ErrorPolicy& policy = policy_of(error.kind);
  log::write(policy.action == Action::stop ? log::Level::error : log::Level::warn, error.message,
             {{"error", std::string(policy.name)},
              {"subject", std::string(subject)},
              {"remedy", std::string(error.what_to_do())},
              {"lasted_seconds", seconds_text(trouble.lasted), true},
              {"times", std::to_string(trouble.times), true}});
}

void say_worked(RepeatGate& gate, std::string_view subject, TimePoint now) {
  const auto over = gate.worked(subject, now);
  if (!over) return;
  const std::string seconds = seconds_text(over->lasted), times = std::to_string(over->times);
  log::info("recovered: " + std::string(what_works(over->kind)) + ", after " + seconds + " s (" + times +
                (over->times == 1 ? " failure)" : " failures)"),
            {{"subject", std::string(subject)}, {"lasted_seconds", seconds, true}, {"times", times, true}});
}

}  // namespace realtime
