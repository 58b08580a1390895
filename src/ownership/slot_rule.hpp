#pragma once

#include <optional>

#include "realtime/slot_server.hpp"

#include "ownership/claim.hpp"

namespace realtime {

/// Why a slot of our name is not the service's.
enum class SlotMismatch { none, physical, plugin, database };

/// The one rule for whether a slot that exists may be streamed, resumed from and repaired. A slot that does
/// not exist is none of somebody else's. Pure.
SlotMismatch mismatch_of(const SlotFacts& slot, const Claim& claim);

/// "slot realtime is logical, plugin "pgoutput", database "app"": what a refusal begins with.
std::string describe_slot(const SlotFacts& slot, const Claim& claim);

/// What is to be done about a mismatch. Never to drop the slot: queues may hold positions of it, and all that
/// it keeps would be lost. Pure.
std::string mismatch_remedy(const SlotFacts& slot, const Claim& claim);

/// A slot of pgoutput that was made with two_phase sends a transaction when it is prepared, whether it is
/// ever committed or not: slot_unsuitable, with the statements that make it one without, at the same
/// position. None where it is not such a slot; with wal2json two_phase changes nothing. Pure.
std::optional<Error> two_phase_error(const std::string& slot, const SlotFacts& facts);

/// Whether this is a place to stream from, in words where it is none: in recovery, of another encoding, the
/// slot of another kind or with two_phase, streamed by another owner. Pure.
std::optional<Error> refuse_place(const ServerFacts& server, const SlotFacts& slot, const Claim& claim);

/// The same for the original service: it is waited for.
std::optional<Error> refuse_original(const OriginalService& original, const Claim& claim);

/// How long the server shall wait for a silent owner: the smaller of its own (0 is none) and the lease.
std::chrono::milliseconds owner_timeout(std::chrono::milliseconds server, std::chrono::milliseconds lease);

}  // namespace realtime
