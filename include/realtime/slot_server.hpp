#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "realtime/log_hash.hpp"
#include "realtime/output_plugin.hpp"
#include "realtime/source.hpp"
#include "realtime/timeline_history.hpp"

namespace realtime {

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
  std::uint64_t wal_segment_bytes = 0;
  std::int64_t started_us = 0;  ///< when its postmaster began, microseconds since 1970-01-01 UTC
  std::uint32_t database_oid = 0;
};

/// Who streams from the slot.
struct SlotOwner {
  int pid = 0;
  std::string application_name;
  std::string role;
  bool same_role = false;
  bool waits = false;  ///< the walsender waits for log or client, where it looks at its own timeout
  /// Since when the process' other connection has said nothing; none: there is no such connection, or it is
  /// hidden from us.
  std::optional<std::chrono::milliseconds> companion_silence;
  std::optional<std::string> fingerprint;  ///< of what it does, if it is one of us; else none
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

/// How a transaction stands on this server.
enum class TransactionStatus { committed, aborted, in_progress, in_future, too_old };

/// What to stream.
struct StreamRequest {
  Lsn start;                  ///< lower than the slot's own position counts as that
  bool transactions = false;  ///< OutputPlugin::start_options
};

/// A connection that may become the stream: what a take-over and accept-loss ask and do. Each call is one
/// question and its answer, within the connection's own bound; the stop signal ends it (ErrorKind::stopped).
/// After an error of the connection make another. One thread.
class SlotSession {
 public:
  virtual ~SlotSession() = default;

  virtual Result<ServerFacts> server() = 0;
  /// `exists` false where there is no slot.
  virtual Result<SlotFacts> slot() = 0;
  /// Where this server's history left its earlier timelines; `current` is the one it is on.
  virtual Result<TimelineHistory> timelines(std::uint32_t current) = 0;
  virtual Result<OriginalService> look_for_original() = 0;
  /// The hash of the `bytes` bytes of the server's log before `at`, which is on `timeline`; none: the server
  /// does not give this part of its log, or none at all.
  virtual Result<std::optional<LogHash>> hash_log(Lsn at, std::uint32_t bytes, std::uint32_t timeline) = 0;
  /// `xid` as messages have it: the newest transaction of this number that the server may know is meant.
  virtual Result<TransactionStatus> status_of(std::uint32_t xid) = 0;

  /// Makes what the output plugin needs beside the slot. Before the slot: decoding fails where it meets none.
  virtual Status prepare() = 0;
  /// Makes the slot and gives its consistent point: what commits after it is streamed. The server first waits
  /// for every open write transaction, however long; `while_waiting` is called about once a second meanwhile.
  /// A name that is taken meanwhile is slot_active.
  virtual Result<Lsn> create_slot(const std::string& plugin, std::function<void()> while_waiting) = 0;
  /// For accept-loss only: what the slot held is gone.
  virtual Status drop_slot() = 0;

  /// How long the server shall wait for us when we are silent, until it frees the slot.
  virtual Status set_owner_timeout(std::chrono::milliseconds timeout) = 0;
  /// Begins to stream, which is the lock: the server lets one in, any other gets slot_active. The slot is
  /// free again when the Source is gone, or has been silent for the owner's timeout. The session is spent.
  virtual Result<std::unique_ptr<Source>> stream_from(const StreamRequest& request,
                                                      const OutputPlugin& plugin) = 0;
};

/// A standby's eyes: one connection that looks at the slot from beside. Each call is one question and its
/// answer. After an error make another. One thread.
class SlotObserver {
 public:
  virtual ~SlotObserver() = default;

  virtual Result<SlotView> look() = 0;
  /// Ends the process that streams, if it still does, is one of us and is of our role; false where it is not.
  /// A process whose client does not read may need a second call.
  virtual Result<bool> terminate_owner(int pid) = 0;
};

/// The server that holds the slot of one service. Constant; the thread that calls owns what it gets.
class SlotServer {
 public:
  virtual ~SlotServer() = default;

  virtual Result<std::unique_ptr<SlotSession>> connect() = 0;
  virtual Result<std::unique_ptr<SlotObserver>> observe() = 0;
};

}  // namespace realtime
