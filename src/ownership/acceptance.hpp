#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "realtime/position.hpp"
#include "realtime/result.hpp"

#include "ownership/claim.hpp"
#include "ownership/look.hpp"

namespace realtime {

/// What accept-loss would do: shown to a person first, then carried out. A value.
///
///   clear        the positions are sound, only losses are marked in them: the marks go, nothing moves; this
///                is done beside a running owner too
///   go together  some positions cannot be resumed from, others can: those queues go on where the others are
///   from slot    none can be resumed from, the slot is there: every queue goes on at the slot's position
///   new slot     the slot is missing or lost: every queue goes on where the new one begins
struct Acceptance {
  bool drop_slot = false;  ///< it is there and lost
  bool make_slot = false;
  bool beside_owner = false;  ///< the slot is streamed: only marks go, each from the record as it is by then
  std::vector<std::string> lines;  ///< what is lost or given up, in words, with the LSN ranges
  std::vector<Record>
      records;  ///< what every queue's record becomes; with make_slot the position is still to come
};

/// Decides; none: nothing is wrong. An error: accept-loss is not the way out (more than marks would have to
/// change while the slot is in use, or it is not ours). `now` with the queues' contents; `clock_ms` as an
/// EpochClock gives it. Pure.
Result<std::optional<Acceptance>> plan_acceptance(const Look& now, const Claim& claim,
                                                  std::uint64_t clock_ms);

/// Carries it out: slot first, then each record by compare-and-set, so that it can be run again from wherever
/// it was cut off. A record whose mark went has a higher epoch, so that an owner beside it reads all of them
/// anew. Gives the LSN at which the queues go on. `while_waiting`: PostgreSQL waits for open transactions.
Result<Lsn> carry_out(Acceptance acceptance, const Look& seen, const Claim& claim, SlotSession& session,
                      CheckpointStore& store, const std::function<void()>& while_waiting);

}  // namespace realtime
