#pragma once

#include <string>
#include <string_view>

namespace realtime {

/// Every way in which the outside can fail us. One row each in src/contracts/error_policy.cpp says what is
/// done about it and what an operator reads; nothing else decides that.
enum class ErrorKind {
  // PostgreSQL
  postgres_unreachable,        ///< no connection, or it was cut
  postgres_starting,           ///< 57P03: starting up, shutting down, in recovery
  postgres_authentication,     ///< password, pg_hba, role or database refused
  postgres_right_missing,      ///< no REPLICATION right
  postgres_pooler,             ///< a pooler in between: no replication protocol
  postgres_wal_level,          ///< wal_level is not logical
  postgres_plugin_refused,     ///< output_plugin_libraries does not list the plugin
  postgres_plugin_missing,     ///< the plugin's library is not installed
  postgres_encoding,           ///< the database is not UTF-8
  postgres_no_free_slot,       ///< max_replication_slots used up
  postgres_no_free_walsender,  ///< max_wal_senders used up
  postgres_publication,        ///< the publication is missing
  slot_active,                 ///< another process streams from the slot
  slot_missing,                ///< the slot is not there
  slot_unsuitable,             ///< physical, of another plugin or of another database
  slot_lost,                   ///< wal_status = lost
  row_undecodable,             ///< the plugin fails on a row, on every connection anew
  postgres_protocol,           ///< the server said what we do not understand
  // Redis
  redis_unreachable,
  redis_timeout,         ///< connected, and silent
  redis_authentication,  ///< NOAUTH, WRONGPASS
  redis_right_missing,   ///< NOPERM
  redis_out_of_memory,   ///< OOM
  redis_read_only,       ///< READONLY, MASTERDOWN
  redis_loading,         ///< LOADING
  redis_busy,            ///< BUSY, TRYAGAIN, max number of clients
  redis_cannot_persist,  ///< MISCONF, NOREPLICAS
  redis_cluster,         ///< MOVED, CROSSSLOT, CLUSTERDOWN: not supported
  redis_tls,             ///< certificate or host name refused
  queue_wrong_type,      ///< the queue's key is of another type
  queue_ids_higher,      ///< a stream already holds higher ids
  redis_unknown,         ///< an error nobody knows
  // Positions
  fenced,             ///< a record has a higher epoch: another instance took over
  redis_forgot,       ///< a record went back or is gone: resume from what is there
  other_history,      ///< a record of another system, database, slot, timeline; identities differ
  history_open,       ///< whether a record belongs to this server's history cannot be told yet
  other_service,      ///< a record that another service wrote
  record_unreadable,  ///< a record that cannot be read
  record_newer,       ///< a record of a format that this version does not know
  tables_unknown,     ///< queues are to catch up under a list of tables that is gone
  gap,                ///< what a record says cannot be streamed any more
  row_too_large,      ///< HASH_REALTIME_ON_OVERSIZE=stop
  // Ourselves
  machine_limit,  ///< no thread, descriptor or memory is to be had
  wrong_setting,
  reconnect_wanted,  ///< the pipeline asks to be rebuilt; nothing is wrong
  stopped,           ///< asked to stop; not a failure
};

/// What is done about a kind of error.
enum class Action {
  retry,  ///< wait with backoff and try again, for ever; said once when it begins and once when it ends
  stop,   ///< exit 1: it needs a person
  yield,  ///< give ownership up and become standby
};

struct ErrorPolicy {
  ErrorKind kind;
  Action action;
  std::string_view name;    ///< snake_case: the `error` field of a log line and of /status
  std::string_view remedy;  ///< what an operator does; empty where nothing is to be done
};

/// The policy of a kind. Any thread.
const ErrorPolicy& policy_of(ErrorKind kind);

/// A failure as a value. `message` says what happened and to what (slot, queue, LSN), never a row's value and
/// never a secret; `remedy` is set where it can be more exact than the policy's sentence.
struct Error {
  ErrorKind kind;
  std::string message;
  std::string remedy = {};

  std::string_view what_to_do() const {
    return remedy.empty() ? policy_of(kind).remedy : std::string_view(remedy);
  }
};

}  // namespace realtime
