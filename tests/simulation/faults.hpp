#pragma once

#include "realtime/error.hpp"

namespace realtime::sim {

/// What may go wrong in a case, and what is deliberately broken to see the oracle turn red.
struct Faults {
  bool redis_fails = true;  ///< refuses, loses replies, holds them, cuts connections
  bool redis_forgets = true;
  bool postgres_cuts = true;  ///< cuts, stops, restarts
  bool kills = true;          ///< of the owner's process, drains and restarts too
  bool two_owners = true;
  bool queues_added = true;
  bool steps_given_up = false;  ///< Redis fails often, and in one way alone: it does the step after all
};

/// Each breaks one promise of the code under test from the outside.
struct Sabotage {
  bool confirms_unread = false;    ///< raises a queue's confirmable when its record is written
  bool confirms_received = false;  ///< what was received counts as confirmed
  bool frees_early = false;        ///< the window's places count as taken while they are being pushed
  bool ignores_record = false;     ///< after a failed step the record is taken to be what it was
  bool no_replay_window = false;
  bool no_fencing = false;        ///< a taker-over leaves records and epoch as they are
  bool no_watch = false;          ///< pushes are unconditional
  bool record_apart = false;      ///< messages and record are not written in one step
  bool base_is_most = false;      ///< resumes from the record that is furthest ahead
  bool misorders = false;         ///< two changes of a frame change places before they are pushed
  bool no_bound = false;          ///< the window takes 64 MiB whatever was set
  bool discards_nothing = false;  ///< takes every message of a resumed stream for a new one
};

}  // namespace realtime::sim
