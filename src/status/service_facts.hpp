#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "realtime/lsn.hpp"

namespace realtime {

enum class Role { starting, standby, owner, stopping };
constexpr const char* to_text(Role role) {
  constexpr const char* kTexts[] = {"starting", "standby", "owner", "stopping"};
  return kTexts[static_cast<std::size_t>(role)];
}

/// A trouble in an operator's words, as a log line would say it. Never a row's value, never a secret.
struct TroubleFacts {
  std::string error;                              ///< ErrorPolicy::name
  std::string message;                            ///< what happened, and to what
  std::string remedy;                             ///< what to do; may be empty
  std::chrono::system_clock::time_point since{};  ///< zero: not known
};

/// What happened during the last seconds, from two samples of the counters (rates.hpp).
struct RateFacts {
  double received_messages = 0, received_bytes = 0;  ///< a second
  double sequenced_messages = 0;                     ///< changes that left the decoders in order, a second
  double waiting_postgres = 0, waiting_window = 0;   ///< share of the time, 0 to 1, that the reader waited so
  double decoders_busy = 0;                          ///< share of all decoder threads' time
  double released_lsn_bytes = 0;                     ///< WAL that every queue has taken, a second
  double written_by_server_bytes = 0;                ///< WAL that the server wrote, a second
  struct Queue {
    double messages = 0, bytes = 0;  ///< a second
    double waiting_redis = 0;        ///< share of the time, 0 to 1
    std::optional<double> median_seconds,
        worst_seconds;  ///< sent to written: p50 and p99; none: nothing was written
  };
  std::vector<Queue> queues;  ///< in the order of PipelineMetrics::queues
};

/// What keeps the stream from going faster.
struct LimitFacts {
  enum class By { nothing, postgres, queue, decoders } by = By::nothing;
  std::string queue;  ///< by queue: which
};

struct QueueFacts {
  std::string name, kind;
  std::string state;                     ///< one word: "opening", "streaming", "waiting", "stuck", "closed"
  std::optional<TroubleFacts> trouble;   ///< the last one; `stuck` says whether it lasts
  std::optional<std::string> degraded;   ///< a loss that nobody has accepted yet, with its LSN range
  std::optional<std::uint64_t> waiting;  ///< messages that a consumer still has to take; none: not known
  std::uint64_t cut_unread = 0;  ///< entries of a stream that were cut off before they were read, counted
};

/// Another instance on the same slot, as the server shows it.
struct PeerFacts {
  std::string instance;
  std::string state;  ///< "owner", "standby", "differs" (other queues, tables or Redis)
};

/// What is wrong with the monitored tables, as the server's catalog shows it to the owner.
struct TableFacts {
  struct Fault {
    std::string message, remedy;
    bool changes_missing = false;  ///< else only names are others
  };
  std::vector<Fault> faults;                 ///< at most 50
  std::uint64_t incomplete = 0;              ///< all of those by which changes are missing
  std::uint64_t names_changed = 0;           ///< and by which types are called otherwise
  std::optional<TroubleFacts> not_arriving;  ///< a table that has arrived before does no more
};

/// A snapshot of what is not a counter: who we are, how it stands, what is wrong. A value, made by the daemon
/// whenever somebody asks (page, status, metrics); counters come from PipelineMetrics beside it. Times are
/// wall clock, because people read them. Holds neither secret nor row value: all of it is shown without
/// authentication.
struct ServiceFacts {
  Role role = Role::starting;
  std::string state;  ///< one phrase: "streaming", "catching up", "connecting to Postgres", "in warm standby"
  std::optional<TroubleFacts> trouble;  ///< what is wrong now; none: nothing
  bool ready = false;

  std::string instance, version;
  std::chrono::system_clock::time_point started_at{}, now{};
  std::chrono::steady_clock::duration uptime{};  ///< by a clock that nobody sets
  std::string server_address;                    ///< "db.internal:5432/app"; no user, no password
  std::string redis_address;
  std::string slot, plugin, slot_wal_status;   ///< status empty: not known
  std::optional<std::int64_t> safe_wal_bytes;  ///< until the slot may be lost; none: no limit, or not known
  std::optional<std::uint64_t> retained_wal_bytes;

  Lsn server_lsn;                          ///< the server's WAL end when last asked
  Lsn restart_lsn;                         ///< of the slot: the server keeps WAL from here
  std::optional<std::uint64_t> lag_bytes;  ///< WAL that not every queue has taken
  std::optional<double> lag_seconds;       ///< age of the oldest such WAL (LagClock)
  std::uint64_t catch_up_from_bytes = 0;   ///< the lag when catching up began; 0: not catching up

  std::uint64_t in_flight_limit_bytes = 0, in_flight_limit_places = 0;
  unsigned decoder_threads = 0;
  std::uint64_t queue_warn_length = 0;
  std::uint64_t log_lines_dropped = 0;  ///< since the process began
  RateFacts rates;
  LimitFacts limited_by;
  std::vector<QueueFacts> queues;  ///< in the order of PipelineMetrics::queues
  TableFacts tables;               ///< the owner's alone
  std::vector<PeerFacts> peers;    ///< the other instances, where the server shows them
};

}  // namespace realtime
