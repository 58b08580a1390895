#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace realtime {

/// Where an instance is on its way to the slot and back. Whatever says where it is, says it by this.
enum class Phase : std::uint8_t {
  starting,     ///< nothing has been tried yet
  reading,      ///< take-over: slot, records and server, in this order
  deciding,     ///< ... create, go on, or refuse
  making_slot,  ///< ... the server waits for open transactions
  locking,      ///< ... START_REPLICATION: one gets in
  proving,      ///< ... the stream brings what the records demand: they are of this server's history
  fencing,      ///< ... each record by itself, with a higher epoch
  streaming,    ///< the slot is ours
  standby,      ///< somebody else's; nothing differs
  differs,      ///< somebody else's, who does other work
  waiting,      ///< for what keeps us from our work, until the next try
  flushing,     ///< the stop signal came: what was read is delivered
  stopping,
  needs_person,  ///< it has ended, and will end again
};
inline constexpr std::size_t kPhases = static_cast<std::size_t>(Phase::needs_person) + 1;

/// "making_slot": for logs and tests. Any thread.
std::string_view to_string(Phase phase);

/// What people are shown in a phase, with `detail` where the phase has one; none: what is shown stays, as
/// while an instance tries again for what it waits for. Any thread.
std::optional<std::string> words_of(Phase phase, std::string_view detail = {});

/// One step of a take-over follows another in this order; a lost race begins again with reading. Anything
/// else would be unsafe: nothing is decided before all is read, nothing is written before the lock is ours.
bool may_follow(Phase now, Phase next);

}  // namespace realtime
