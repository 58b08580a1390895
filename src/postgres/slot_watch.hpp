#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "postgres/connection.hpp"
#include "postgres/slot.hpp"

namespace realtime::postgres {

/// Who streams from the slot.
struct SlotOwner {
  int pid = 0;
  std::string application_name;  ///< ApplicationName, if it is one of us
  std::string role;
  bool same_role = false;
  bool waits = false;  ///< the walsender waits for log or client, where it looks at its own timeout
  /// Since when the process' other connection has said nothing; none: there is no such connection, or it is
  /// hidden from us.
  std::optional<std::chrono::milliseconds> companion_silence;
};

struct SlotView {
  SlotFacts slot;
  std::optional<SlotOwner> owner;
  bool in_recovery = false;
};

/// Traces of the original HASH Realtime, which takes changes out of the slot before they are delivered.
struct OriginalService {
  std::string owner;  ///< of the unexpired row in realtime.ownership for our slot; empty: no such row
  bool temporary_slot = false;  ///< it made the slot, and takes it along when it ends

  bool runs() const { return !owner.empty() || temporary_slot; }
};

/// Whether the original service runs on our slot. A table that is missing or that we may not read is no
/// trace. Over either kind of connection.
Result<OriginalService> look_for_original(Connection& connection, const std::string& slot);

/// A standby's eyes: one ordinary connection that looks at the slot. Owns it. One thread at a time; every
/// call is one round trip, bounded by the connection's query timeout. After an error make another.
class SlotWatch {
 public:
  /// `companion`: how the application_name of an owner's other connection begins.
  SlotWatch(std::unique_ptr<Connection> connection, std::string slot, std::string companion = {})
      : connection_(std::move(connection)), slot_(std::move(slot)), companion_(std::move(companion)) {}

  /// The slot and who streams from it.
  Result<SlotView> look();
  /// Ends the process that streams, if it still does, is one of us and is of our role; false where it is not.
  /// A process whose client does not read may need a second call.
  Result<bool> terminate_owner(int pid);
  /// As the function below.
  Result<OriginalService> look_for_original() { return postgres::look_for_original(*connection_, slot_); }

  Connection& connection() { return *connection_; }

 private:
  std::unique_ptr<Connection> connection_;
  std::string slot_, companion_;
};

}  // namespace realtime::postgres
