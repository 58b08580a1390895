#pragma once

#include <functional>
#include <optional>
#include <string>

#include "realtime/slot_server.hpp"

#include "base/clock.hpp"
#include "ownership/claim.hpp"
#include "ownership/phase.hpp"
#include "ownership/silent_owner.hpp"

namespace realtime {

/// Watches the slot over one ordinary connection until it is free for this instance: at once where the owner
/// before had our settings; where it had others, once the slot has been free for the lease, so that an instance
/// with the owner's is first, and so that somebody takes over in the end (a rollout of changed settings). An
/// owner that is silent where PostgreSQL does not notice it is ended, if it has our settings. One thread.
class Standby {
 public:
  /// Told at each look how it stands; with Phase::differs also why, in words.
  using OnPhase = std::function<void(Phase, const std::optional<Error>& why)>;
  /// Waits for so long; true: the stop signal came.
  using Pause = std::function<bool(Duration)>;

  /// All of them outlive it.
  struct Surroundings {
    SlotServer& server;
    const Clock& clock;
    OnPhase on_phase;
    Pause pause;
  };
  Standby(const Claim& claim, Surroundings surroundings);

  enum class End { free, stopped };
  Result<End> run();

 private:
  void say_standby(const SlotView& view);
  void say_differs(const std::string& owner);
  void say_free(const std::string& owner) const;
  void end_silent_owner(SlotObserver& observer, const SlotView& view, SilentOwner& rule);

  const Claim& claim_;
  const Surroundings around_;
  std::optional<Phase> said_;  ///< what the log has been told last
};

}  // namespace realtime
