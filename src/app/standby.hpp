#pragma once

#include <optional>
#include <string>

#include "app/service_board.hpp"
#include "app/silent_owner.hpp"
#include "base/stop_signal.hpp"
#include "config/config.hpp"
#include "postgres/slot_watch.hpp"
#include "wiring/wiring.hpp"

namespace realtime {

/// Watches the slot over one ordinary connection until it is free. An owner of other settings is never taken
/// over from; one of the same that is silent where PostgreSQL does not notice it is ended. One thread.
class Standby {
 public:
  Standby(const Config& config, const Wiring& wiring, const StopSignal& stop, ServiceBoard& board);

  enum class End { free, stopped };
  Result<End> run();

 private:
  void say_standby(const postgres::SlotView& view);
  void say_differs(const std::string& owner);
  void end_silent_owner(postgres::SlotWatch& watch, const postgres::SlotView& view, SilentOwner& rule);

  const Config& config_;
  const Wiring& wiring_;
  const StopSignal& stop_;
  ServiceBoard& board_;
  bool said_ = false;  ///< once a run
};

}  // namespace realtime
