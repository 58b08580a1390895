#include <array>

#include "realtime/error.hpp"

namespace realtime {
namespace {

using enum ErrorKind;
using enum Action;

// Retry is for what can mend itself or be mended from outside while we wait; stop is for what no waiting
// mends and where going on could lose or repeat changes; yield is for what another instance now does in our
// place.
constexpr auto kPolicies = std::to_array<ErrorPolicy>({
    {postgres_unreachable, retry, "postgres_unreachable",
     "Check HASH_PG_HOST and HASH_PG_PORT, that PostgreSQL runs and listens there (listen_addresses), and "
     "that no "
     "firewall is in between."},
    {postgres_starting, retry, "postgres_starting",
     "Nothing, if the server is starting or stopping: the service goes on by itself. A server in recovery is "
     "waited for until it is promoted; let HASH_PG_HOST name the primary."},
    {postgres_authentication, retry, "postgres_authentication",
     "Check HASH_PG_USER, HASH_PG_PASSWORD (or HASH_PG_PASSWORD_FILE) and HASH_PG_DATABASE, and that "
     "pg_hba.conf has "
     "a line for this database, role and address (replication=database matches the database's name); then "
     "SELECT pg_reload_conf();"},
    {postgres_right_missing, retry, "postgres_right_missing",
     "ALTER ROLE \"<HASH_PG_USER>\" WITH REPLICATION; (Amazon RDS: GRANT rds_replication TO "
     "\"<HASH_PG_USER>\";)"},
    {postgres_pooler, retry, "postgres_pooler",
     "Connect to the server itself: a pooler in between does not pass on the replication protocol. Let "
     "HASH_PG_HOST "
     "and HASH_PG_PORT name the PostgreSQL server."},
    {postgres_wal_level, retry, "postgres_wal_level",
     "ALTER SYSTEM SET wal_level = logical; then restart PostgreSQL. (Amazon RDS: rds.logical_replication = "
     "1 in the "
     "parameter group; Cloud SQL: the flag cloudsql.logical_decoding = on.)"},
    {postgres_plugin_refused, retry, "postgres_plugin_refused",
     "ALTER SYSTEM SET output_plugin_libraries = 'pgoutput', 'test_decoding', 'wal2json'; SELECT "
     "pg_reload_conf(); "
     "(keep in it what is listed now). Or set HASH_REALTIME_PLUGIN=pgoutput, which needs no library, only a "
     "publication."},
    {postgres_plugin_missing, retry, "postgres_plugin_missing",
     "Install wal2json on the PostgreSQL server (Debian: apt-get install postgresql-<major>-wal2json), or "
     "set "
     "HASH_REALTIME_PLUGIN=pgoutput, which needs no library, only a publication."},
    {postgres_encoding, retry, "postgres_encoding",
     "Only UTF-8 databases can be streamed as JSON: dump this one and restore it into one made with CREATE "
     "DATABASE "
     "... ENCODING 'UTF8' TEMPLATE template0;"},
    {postgres_no_free_slot, retry, "postgres_no_free_slot",
     "ALTER SYSTEM SET max_replication_slots = <more>; and restart PostgreSQL. Or drop a slot whose consumer "
     "is gone for "
     "good: SELECT slot_name, active FROM pg_replication_slots; SELECT pg_drop_replication_slot('<name>');"},
    {postgres_no_free_walsender, retry, "postgres_no_free_walsender",
     "ALTER SYSTEM SET max_wal_senders = <more>; and restart PostgreSQL. Or end a replication connection "
     "that is not "
     "needed: SELECT pid, application_name FROM pg_stat_replication;"},
    {postgres_publication, retry, "postgres_publication",
     "CREATE PUBLICATION \"<HASH_REALTIME_PUBLICATION>\" FOR TABLE <the monitored tables>;"},
    {slot_active, yield, "slot_active",
     "Nothing, if it is another instance of this service. Else see who streams: SELECT slot_name, active_pid "
     "FROM "
     "pg_replication_slots;"},
    {slot_missing, stop, "slot_missing",
     "Changes since the last position are lost to this service. Run `hash-realtime accept-loss`: it shows "
     "the LSN "
     "range, makes the slot anew and goes on from there."},
    {slot_unsuitable, retry, "slot_unsuitable",
     "Set HASH_REALTIME_PLUGIN and HASH_PG_DATABASE to those of the slot (SELECT slot_name, slot_type, "
     "plugin, database "
     "FROM pg_replication_slots;), or HASH_REALTIME_SLOT_NAME to a name that is free."},
    {slot_lost, stop, "slot_lost",
     "PostgreSQL has removed WAL that the slot needed. Run `hash-realtime accept-loss`: it shows the LSN "
     "range that is "
     "lost, makes the slot anew and goes on from there. Against a next time: raise max_slot_wal_keep_size."},
    {row_undecodable, stop, "row_undecodable",
     "With wal2json leave the table out: HASH_REALTIME_EXCLUDE_TABLES=<schema.table>. Or pass over "
     "everything up "
     "to now: SELECT pg_replication_slot_advance('<slot>', pg_current_wal_lsn()); and `hash-realtime "
     "accept-loss`."},
    {postgres_protocol, retry, "postgres_protocol",
     "The server's answer was not understood. If it stays: check that HASH_PG_HOST names a PostgreSQL server "
     "itself, "
     "and its version."},
    {redis_unreachable, retry, "redis_unreachable",
     "Check HASH_REDIS_HOST and HASH_REDIS_PORT, that Redis runs and listens there (bind, protected-mode), "
     "and that no "
     "firewall is in between."},
    {redis_timeout, retry, "redis_timeout",
     "Redis does not answer in time: look for slow commands (SLOWLOG GET), a full CPU or swapping, and at "
     "the "
     "network in between."},
    {redis_authentication, retry, "redis_authentication",
     "Check HASH_REDIS_USERNAME and HASH_REDIS_PASSWORD (or HASH_REDIS_PASSWORD_FILE)."},
    {redis_right_missing, retry, "redis_right_missing",
     "Give the Redis user the commands and keys that the message names (ACL SETUSER); `hash-realtime check` "
     "shows the "
     "whole line."},
    {redis_out_of_memory, retry, "redis_out_of_memory",
     "Redis has reached maxmemory: let the consumers catch up, or raise maxmemory (CONFIG SET maxmemory)."},
    {redis_read_only, retry, "redis_read_only",
     "This Redis is a replica: let HASH_REDIS_HOST name the primary. After a failover the service finds the "
     "new one by "
     "its name."},
    {redis_loading, retry, "redis_loading", "Nothing: Redis loads its data and goes on by itself."},
    {redis_busy, retry, "redis_busy",
     "Redis is busy: with a script (SCRIPT KILL ends it), or with too many clients (raise maxclients)."},
    {redis_cannot_persist, retry, "redis_cannot_persist",
     "Redis refuses writes because it cannot save them or lacks replicas: see its log, free disk space, or "
     "look at "
     "stop-writes-on-bgsave-error and min-replicas-to-write."},
    {redis_cluster, stop, "redis_cluster",
     "Redis in cluster mode is not supported yet: let HASH_REDIS_HOST name a Redis that is not part of a "
     "cluster."},
    {redis_tls, retry, "redis_tls",
     "Check HASH_REDIS_CA_FILE (the authority that signed the certificate), HASH_REDIS_TLS_SERVER_NAME (the "
     "name in "
     "it), HASH_REDIS_CERT_FILE and HASH_REDIS_KEY_FILE, and that HASH_REDIS_PORT is the TLS port."},
    {queue_wrong_type, retry, "queue_wrong_type",
     "The queue's key holds something else: RENAME it in Redis, or give the queue another name or kind."},
    {queue_ids_higher, retry, "queue_ids_higher",
     "The stream holds ids above ours (written with `*`, or by another service): RENAME it in Redis, or give "
     "the queue "
     "another name."},
    {redis_unknown, retry, "redis_unknown",
     "Redis answered with an error that is not known; the queue waits and tries again. See Redis' log."},
    {fenced, yield, "fenced", "Nothing: another instance has taken over, and this one becomes standby."},
    {redis_forgot, retry, "redis_forgot",
     "Redis came back with an older state; the service replays from the slot by itself. Set appendfsync in "
     "Redis "
     "(and HASH_REALTIME_REPLAY_WINDOW here) so that it forgets less than the window."},
    {other_history, stop, "other_history",
     "The queues' records and this slot do not belong together (a restored or another database?). Check "
     "HASH_PG_HOST, "
     "HASH_PG_DATABASE, HASH_REDIS_HOST and HASH_REALTIME_SLOT_NAME; if they are right, `hash-realtime "
     "accept-loss` "
     "shows both positions and goes on from the slot's."},
    {history_open, retry, "history_open",
     "Nothing, as a rule: it is looked at again until it can be told. Two instances that are meant for two "
     "servers need queues of their own."},
    {other_service, stop, "other_service",
     "Two services may not share a queue: give this one queues of its own, or stop the other for good and "
     "run "
     "`hash-realtime accept-loss`."},
    {record_unreadable, stop, "record_unreadable",
     "The position record was changed by hand: restore it, or run `hash-realtime accept-loss`, which goes on "
     "from the slot's position."},
    {record_newer, retry, "record_newer",
     "Run the version that wrote the record, or a later one: this instance takes nothing over meanwhile."},
    {tables_unknown, retry, "tables_unknown",
     "Set HASH_REALTIME_TABLES and HASH_REALTIME_EXCLUDE_TABLES back to what they were until every queue has "
     "caught up; or run `hash-realtime accept-loss`, which goes on from the slot's position."},
    {gap, stop, "gap",
     "What the record asks for is no longer in the slot. Run `hash-realtime accept-loss`: it shows the LSN "
     "range and "
     "goes on from there."},
    {row_too_large, stop, "row_too_large",
     "Raise HASH_REALTIME_MAX_MESSAGE_BYTES (and proto-max-bulk-len in Redis) above its size. Or lose it: "
     "HASH_REALTIME_ON_OVERSIZE=skip leaves such rows out and counts them; "
     "HASH_REALTIME_EXCLUDE_TABLES=<schema.table> "
     "leaves out the table."},
    {machine_limit, stop, "machine_limit",
     "Raise the limits of threads (TasksMax, --pids-limit, ulimit -u), descriptors (ulimit -n) or memory."},
    {wrong_setting, stop, "wrong_setting",
     "Set the named variable to an allowed value; `hash-realtime --help` shows all."},
    {reconnect_wanted, retry, "reconnect_wanted", ""},
    {stopped, stop, "stopped", ""},
});

constexpr bool rows_match_kinds() {
  for (std::size_t i = 0; i < kPolicies.size(); ++i) {
    if (static_cast<std::size_t>(kPolicies[i].kind) != i || kPolicies[i].name.empty()) return false;
  }
  return true;
}
static_assert(kPolicies.size() == static_cast<std::size_t>(stopped) + 1, "a kind of error has no row");
static_assert(rows_match_kinds(), "the rows are not in the order of ErrorKind");

}  // namespace

const ErrorPolicy& policy_of(ErrorKind kind) {
  return kPolicies[static_cast<std::size_t>(kind)];
}

}  // namespace realtime
