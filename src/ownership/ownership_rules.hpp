#pragma once

namespace realtime {

/// The rules that make one owner follow another without a message lost, doubled or written by two. All of
/// them hold, always; the simulation leaves each one out in turn and shows what breaks without it
/// (tests/simulation/simulation_test.cpp).
struct OwnershipRules {
  bool fences = true;                 ///< each record is replaced before anything is pushed
  bool raises_epoch = true;           ///< ... with an epoch above all that the records tell
  bool epoch_is_of_clock = true;      ///< ... and above those that Redis has forgotten
  bool expects_what_was_read = true;  ///< a record that moved since the decision is not overwritten
  bool locks_before_fencing = true;   ///< whoever does not get the slot has written nothing
  bool sets_owner_timeout = true;     ///< the server frees the slot of an owner that froze
};

}  // namespace realtime
