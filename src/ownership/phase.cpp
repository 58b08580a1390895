#include "ownership/phase.hpp"

namespace realtime {
namespace {

struct Row {
  Phase phase;
  std::string_view name;
  std::string_view words;  ///< empty: none; they end in ": " where a detail follows
};

constexpr Row kTable[] = {
    {Phase::starting, "starting", "starting"},
    {Phase::reading, "reading", ""},
    {Phase::deciding, "deciding", ""},
    {Phase::making_slot, "making_slot",
     "waiting for open transactions to end, so that the slot can be made: "},
    {Phase::locking, "locking", ""},
    {Phase::proving, "proving", ""},
    {Phase::fencing, "fencing", ""},
    {Phase::streaming, "streaming", "streaming"},
    {Phase::standby, "standby", "in warm standby"},
    {Phase::differs, "differs", "settings differ from the owner's"},
    {Phase::waiting, "waiting", "waiting: "},
    {Phase::flushing, "flushing", "flushing"},
    {Phase::stopping, "stopping", "stopping"},
    {Phase::needs_person, "needs_person", "stopped: needs a person"},
};
static_assert(sizeof kTable / sizeof kTable[0] == kPhases);
static_assert(
    [] {
      for (std::size_t i = 0; i < kPhases; ++i) {
        if (kTable[i].phase != static_cast<Phase>(i)) return false;
      }
      return true;
    }(),
    "a row for each phase, in the order of the phases");

}  // namespace

std::string_view to_string(Phase phase) {
  return kTable[static_cast<std::size_t>(phase)].name;
}

std::optional<std::string> words_of(Phase phase, std::string_view detail) {
  const std::string_view words = kTable[static_cast<std::size_t>(phase)].words;
  if (words.empty()) return std::nullopt;
  std::string text(words);
  if (words.ends_with(": ")) text.append(detail);
  return text;
}

bool may_follow(Phase now, Phase next) {
  switch (next) {
    case Phase::deciding:
      return now == Phase::reading;
    case Phase::making_slot:
      return now == Phase::deciding || now == Phase::making_slot;
    case Phase::locking:  // after proving: what was too much to keep is streamed anew
      return now == Phase::deciding || now == Phase::making_slot || now == Phase::proving;
    case Phase::proving:
      return now == Phase::locking || now == Phase::proving;
    case Phase::fencing:
      return now == Phase::proving;
    default:
      return true;  // what ends a take-over, or begins one
  }
}

}  // namespace realtime
