#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "realtime/checkpoint_store.hpp"
#include "realtime/slot_server.hpp"

#include "ownership/claim.hpp"
#include "ownership/queue_checkpoints.hpp"
#include "ownership/resume_decision.hpp"

namespace realtime {

/// What the slot, the records and the server say together: all that a start, a check and accept-loss are
/// decided from. A value.
struct Look {
  SlotFacts slot;
  ReadCheckpoints checkpoints;
  std::vector<QueueContents> contents;  ///< empty: not asked for
  ServerFacts server;
  /// By queue: why its record is of another history, where its log was asked (prove_each); empty: not asked.
  std::vector<std::optional<Error>> foreign;
  TimelineHistory timelines;  ///< empty on a server that was never promoted

  ServerView view(const Claim& claim) const;
  bool all_readable() const { return !checkpoints.first_unreadable(); }
  bool is_foreign(std::size_t queue) const { return queue < foreign.size() && foreign[queue]; }
  bool any_foreign() const {
    return std::any_of(foreign.begin(), foreign.end(), [](const auto& one) { return one.has_value(); });
  }
};

enum class LookAtContents : bool { no, yes };

/// The one reading of slot, records and server, in an order that a running owner cannot make look wrong: it
/// raises the records before it confirms, so the slot is asked first; the server's log ends behind both, so
/// the server is asked last. What the queues hold is asked before the records, which never fall behind it.
Result<Look> look_at_all(SlotSession& session, QueueCheckpoints& checkpoints, CheckpointStore& store,
                         LookAtContents contents = LookAtContents::no);

}  // namespace realtime
