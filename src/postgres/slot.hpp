#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "realtime/lsn.hpp"
#include "realtime/result.hpp"

#include "postgres/connection.hpp"

namespace realtime::postgres {

/// A row of pg_replication_slots. A value; what the server said when it was asked.
struct SlotFacts {
  bool exists = false;
  std::string plugin;     ///< empty: a physical slot
  std::string slot_type;  ///< "logical" or "physical"
  std::string database;
  bool active = false;
  int active_pid = 0;  ///< 0: nobody streams
  Lsn confirmed_flush_lsn;
  Lsn restart_lsn;                            ///< zero once the slot is lost
  std::string wal_status;                     ///< "reserved", "extended", "unreserved", "lost"
  std::optional<std::int64_t> safe_wal_size;  ///< bytes until it may be lost; none where nothing limits it
  bool temporary = false;
  bool two_phase = false;

  bool lost() const { return wal_status == "lost"; }
};

/// What a server is and how it stands.
struct ServerFacts {
  std::uint64_t system_identifier = 0;
  std::uint32_t timeline = 0;
  Lsn wal_end;  ///< flushed; on a standby: received
  bool in_recovery = false;
  int version = 0;  ///< 150020
  std::string encoding;
  std::chrono::milliseconds wal_sender_timeout{0};  ///< the server's; 0: none
  std::string wal_level;
  std::string synchronous_standby_names;
};

/// The facts of a slot; `exists` false where there is none. Over either kind of connection, one round trip.
Result<SlotFacts> read_slot(Connection& connection, const std::string& slot);
/// The facts of the server. Over either kind of connection, one round trip.
Result<ServerFacts> read_server(Connection& connection);

/// A slot of pgoutput that was made with two_phase sends a transaction when it is prepared, whether it is
/// ever committed or not: slot_unsuitable, with the statements that make it one without, at the same
/// position. None where it is not such a slot; with wal2json two_phase changes nothing. Pure.
std::optional<Error> two_phase_error(const std::string& slot, const SlotFacts& facts);

/// Makes a permanent logical slot over a replication connection and gives its consistent point: what commits
/// after it is streamed. The server first waits for every open write transaction, however long;
/// `while_waiting` is called about once a second meanwhile. The connection's stop_fd ends the wait: the
/// server is asked to cancel, and the connection must be closed. A name that is taken meanwhile is
/// slot_active.
Result<Lsn> create_slot(Connection& connection, const std::string& slot, const std::string& plugin,
                        std::function<void()> while_waiting = {});
/// Drops a slot. For accept-loss only: what it held is gone.
Status drop_slot(Connection& connection, const std::string& slot);

/// How long the server shall wait for a silent owner: the smaller of its own (0 is none) and the lease.
std::chrono::milliseconds owner_timeout(std::chrono::milliseconds server, std::chrono::milliseconds lease);
/// Makes it so for this session; any role may.
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
