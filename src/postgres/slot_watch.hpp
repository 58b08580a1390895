#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "postgres/connection.hpp"
#include "postgres/slot.hpp"

namespace realtime::postgres {

using realtime::OriginalService;
using realtime::SlotOwner;
using realtime::SlotView;

/// Whether the original service runs on our slot. A table that is missing or that we may not read is no
/// trace. Over either kind of connection.
Result<OriginalService> look_for_original(Connection& connection, const std::string& slot);

/// A standby's eyes: one ordinary connection that looks at the slot. Owns it. One thread at a time; every
/// call is one round trip, bounded by the connection's query timeout. After an error make another.
class SlotWatch final : public SlotObserver {
 public:
  /// `companion`: how the application_name of an owner's other connection begins.
  SlotWatch(std::unique_ptr<Connection> connection, std::string slot, std::string companion = {})
      : connection_(std::move(connection)), slot_(std::move(slot)), companion_(std::move(companion)) {}

  /// The slot and who streams from it.
  Result<SlotView> look() override;
  /// Ends the process that streams, if it still does, is one of us and is of our role; false where it is not.
  /// A process whose client does not read may need a second call.
  Result<bool> terminate_owner(int pid) override;
  /// As the function below.
  Result<OriginalService> look_for_original() { return postgres::look_for_original(*connection_, slot_); }

  Connection& connection() { return *connection_; }

 private:
  std::unique_ptr<Connection> connection_;
  std::string slot_, companion_;
};

}  // namespace realtime::postgres
