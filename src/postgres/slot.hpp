#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "realtime/lsn.hpp"
#include "realtime/result.hpp"
#include "realtime/slot_server.hpp"

#include "postgres/connection.hpp"

namespace realtime::postgres {

using realtime::ServerFacts;
using realtime::SlotFacts;

/// The facts of a slot; `exists` false where there is none. Over either kind of connection, one round trip.
Result<SlotFacts> read_slot(Connection& connection, const std::string& slot);
/// The facts of the server. Over either kind of connection, one round trip.
Result<ServerFacts> read_server(Connection& connection);

/// Makes a permanent logical slot over a replication connection and gives its consistent point: what commits
/// after it is streamed. The server first waits for every open write transaction, however long;
/// `while_waiting` is called about once a second meanwhile. The connection's stop_fd ends the wait: the
/// server is asked to cancel, and the connection must be closed. A name that is taken meanwhile is
/// slot_active.
Result<Lsn> create_slot(Connection& connection, const std::string& slot, const std::string& plugin,
                        std::function<void()> while_waiting = {});
/// Drops a slot. For accept-loss only: what it held is gone.
Status drop_slot(Connection& connection, const std::string& slot);

/// How long the server shall wait in this session for us when we are silent; any role may.
Status set_wal_sender_timeout(Connection& connection, std::chrono::milliseconds timeout);

/// Refuses what is no slot name: 1 to 63 of a-z, 0-9 and underscore.
Status check_slot_name(const std::string& slot);

/// Where the server's log is and what the slot holds of it: for a monitor, over an ordinary connection.
struct ServerLag {
  Lsn wal_end;
  SlotFacts slot;

  std::uint64_t behind_bytes() const {  ///< not yet confirmed
    return wal_end > slot.confirmed_flush_lsn ? wal_end.value - slot.confirmed_flush_lsn.value : 0;
  }
  std::uint64_t held_bytes() const {  ///< of WAL that the server keeps for the slot; 0 where it keeps none
    return slot.restart_lsn && wal_end > slot.restart_lsn ? wal_end.value - slot.restart_lsn.value : 0;
  }
};
Result<ServerLag> read_lag(Connection& connection, const std::string& slot);

}  // namespace realtime::postgres
