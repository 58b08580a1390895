#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "realtime/log_hash.hpp"
#include "realtime/lsn.hpp"
#include "realtime/result.hpp"

namespace realtime {

/// What names one change in PostgreSQL's log, the same on every connection and with every plugin: the
/// transaction, the start of the row's WAL record, and the ordinal among that transaction's changes at that
/// LSN (a COPY writes many rows in one record, PROTOCOL.md 2.1). The order of two identities means something
/// only within one transaction.
///
/// Two servers that were started from one image hand out the same xids and LSNs again, for other rows: the
/// time of the transaction's commit tells them apart. A record of an older release does not know it.
struct Identity {
  std::uint32_t xid = 0;
  Lsn lsn;
  std::uint32_t ordinal = 0;
  std::int64_t committed_us = 0;  ///< microseconds since 2000-01-01 UTC by the server's clock; 0: not known

  bool operator==(const Identity&) const = default;
  /// Whether both name the same change: the time counts where both know it.
  bool names(const Identity& other) const {
    return xid == other.xid && lsn == other.lsn && ordinal == other.ordinal &&
           committed_at(other.committed_us);
  }
  /// Whether its transaction may have been committed at that time.
  bool committed_at(std::int64_t time_us) const {
    return committed_us == 0 || time_us == 0 || committed_us == time_us;
  }
};

/// A point of the stream: everything up to message `number` has passed.
///
/// Streaming from `restart` re-sends everything after this point and possibly some of what came before
/// (PROTOCOL.md 2.3). `last` is message `number`; none where no message has passed yet. `clean` means that a
/// keepalive followed `last` and nothing else (ARCHITECTURE.md, invariants 5 to 9).
struct Position {
  Lsn restart;
  std::uint64_t number = 0;
  std::optional<Identity> last;
  bool clean = true;
  std::optional<LogHash> log = {};  ///< of a clean one: what the server's log is made of before `restart`

  bool operator==(const Position&) const = default;
};

/// What decides which messages a stream holds. Two streams with equal filters number the same messages alike.
///
/// Lists that are too long for a record stand beside it, and the record has their digest alone: a filter that was
/// read from it does not know its lists until they have been read too (checkpoint_text.hpp).
struct Filter {
  std::string plugin;       ///< "wal2json" or "pgoutput": for the operator; both give the same messages
  std::string tables;       ///< HASH_REALTIME_TABLES
  std::string excluded;     ///< HASH_REALTIME_EXCLUDE_TABLES
  std::string digest = {};  ///< of both lists, where they are too long for a record; else empty

  bool operator==(const Filter& other) const { return plugin == other.plugin && same_rows(other); }
  /// Whether both let the same rows pass; the plugin does not matter.
  bool same_rows(const Filter& other) const {
    return digest == other.digest &&
           (!digest.empty() || (tables == other.tables && excluded == other.excluded));
  }
  bool knows_its_lists() const { return digest.empty() || !tables.empty(); }
};

/// Where a position belongs. A record from another history is never resumed from (CONTRACT section 4).
struct History {
  std::uint64_t system_identifier = 0;  ///< IDENTIFY_SYSTEM
  std::uint32_t timeline = 0;
  std::string database;  ///< its name, for people; what names it is its OID
  std::string slot;
  std::uint32_t database_oid = 0;  ///< 0: an older release wrote the record
  /// Where the newest of the timelines before this one ended, oldest first; empty where it is not known.
  std::vector<std::pair<std::uint32_t, Lsn>> ended = {};

  bool operator==(const History&) const = default;
  /// Whether both are of one service: database and slot. Only the OID survives a renaming.
  bool same_service(const History& other) const {
    const bool by_oid = database_oid != 0 && other.database_oid != 0;
    return slot == other.slot && (by_oid ? database_oid == other.database_oid : database == other.database);
  }
};

/// That the owner which wrote a record is alive, and where: two living servers cannot both be believed.
struct LifeSign {
  std::int64_t server_started_us = 0;  ///< pg_postmaster_start_time(); 0: an older release wrote the record
  std::uint32_t lease_ms = 0;          ///< the owner writes its record anew every third of it
  std::uint64_t beat = 0;              ///< grows with each writing, also where nothing else changes

  bool operator==(const LifeSign&) const = default;
};

/// What `{queue}:position` holds: how far this queue is, written in one atomic step with its messages.
struct Record {
  std::uint64_t epoch = 0;  ///< of the owner that wrote it; a taker-over raises it, which fences the old one
  Position position;
  Filter filter;  ///< the filter under which `position.last` was numbered
  History history;
  std::string loss;     ///< what this queue is known to have missed, "0/1A28..0/2B40, ..."; empty until
                        ///< accept-loss is needed
  std::string refused;  ///< an older release's: why it stopped at it; then only accept-loss goes on
  LifeSign life;

  bool operator==(const Record&) const = default;
};

}  // namespace realtime
