#include "config/options.hpp"

#include <array>
#include <limits>

namespace realtime {
namespace {

using enum OptionId;
using Group = OptionGroup;
using Kind = OptionKind;

constexpr std::uint64_t KiB = std::uint64_t{1} << 10;
constexpr std::uint64_t MiB = std::uint64_t{1} << 20;
constexpr std::uint64_t GiB = std::uint64_t{1} << 30;
constexpr std::uint64_t s = 1000;    // durations are milliseconds
constexpr std::uint64_t kName = 63;  // bytes of a PostgreSQL name (NAMEDATALEN - 1)
constexpr std::uint64_t kText = 1024;
constexpr std::uint64_t kSecret = 64 * KiB;
constexpr std::uint64_t kList = 1 * MiB;

// clang-format off
constexpr auto kOptions = std::to_array<Option>({
    {.id = pg_host, .group = Group::postgres, .variable = "HASH_PG_HOST", .alias = "HASH_GRAPH_PG_HOST", .kind = Kind::host_or_directory,
     .fallback = "localhost",
     .meaning = "Host name or address of the PostgreSQL server itself (no pooler). A directory (/var/run/postgresql) is a "
                "Unix socket. libpq's own variables (PGSSLMODE, PGSSLROOTCERT, PGPASSFILE ...) hold too."},
    {.id = pg_port, .group = Group::postgres, .variable = "HASH_PG_PORT", .alias = "HASH_GRAPH_PG_PORT", .kind = Kind::port,
     .fallback = "5432", .least = 1, .most = 65535, .meaning = "Port of the PostgreSQL server."},
    {.id = pg_user, .group = Group::postgres, .variable = "HASH_PG_USER", .alias = "HASH_GRAPH_REALTIME_PG_USER",
     .fallback = "postgres", .most = kName, .meaning = "Role to connect as. It needs the REPLICATION right and nothing more."},
    {.id = pg_password, .group = Group::postgres, .variable = "HASH_PG_PASSWORD", .alias = "HASH_GRAPH_REALTIME_PG_PASSWORD",
     .most = kSecret, .secret = true, .meaning = "Password of the role."},
    {.id = pg_password_file, .group = Group::postgres, .variable = "HASH_PG_PASSWORD_FILE", .kind = Kind::path, .most = kText,
     .meaning = "File that holds the password; read anew at every connect. Wins over HASH_PG_PASSWORD."},
    {.id = pg_database, .group = Group::postgres, .variable = "HASH_PG_DATABASE", .alias = "HASH_GRAPH_PG_DATABASE",
     .fallback = "postgres", .most = kName, .meaning = "Database whose changes are streamed. It must be UTF-8."},

    {.id = slot_name, .group = Group::stream, .variable = "HASH_REALTIME_SLOT_NAME", .kind = Kind::slot, .fallback = "realtime",
     .most = kName,
     .meaning = "Name of the replication slot. It is made, permanent, where it does not exist and no queue holds a position "
                "for it. Instances with the same slot name are one owner and its standbys."},
    {.id = plugin, .group = Group::stream, .variable = "HASH_REALTIME_PLUGIN", .kind = Kind::choice, .fallback = "wal2json",
     .choices = "wal2json|pgoutput",
     .meaning = "Output plugin of the slot. pgoutput is built into PostgreSQL and gives the same messages."},
    {.id = publication, .group = Group::stream, .variable = "HASH_REALTIME_PUBLICATION", .fallback = "hash_realtime",
     .most = kName, .meaning = "Publication to stream with the plugin pgoutput; made where it is missing and the role may."},
    {.id = tables, .group = Group::stream, .variable = "HASH_REALTIME_TABLES", .kind = Kind::list, .fallback = "public.*", .most = kList,
     .meaning = "Tables to monitor: comma-separated schema.table patterns as wal2json's add-tables takes them. '*' stands "
                "for a whole schema or table name (public.*, *.t). A backslash escapes comma, dot, space and backslash. "
                "Names are case-exact; quotes are ordinary characters."},
    {.id = exclude_tables, .group = Group::stream, .variable = "HASH_REALTIME_EXCLUDE_TABLES", .kind = Kind::list, .most = kList,
     .meaning = "Tables to leave out, the same patterns; wins over HASH_REALTIME_TABLES. Also the way out of a row that "
                "the plugin cannot write."},

    {.id = redis_host, .group = Group::redis, .variable = "HASH_REDIS_HOST", .kind = Kind::host, .fallback = "localhost",
     .meaning = "Host name or address of the Redis server."},
    {.id = redis_port, .group = Group::redis, .variable = "HASH_REDIS_PORT", .kind = Kind::port, .fallback = "6379", .least = 1,
     .most = 65535, .meaning = "Port of the Redis server."},
    {.id = redis_username, .group = Group::redis, .variable = "HASH_REDIS_USERNAME", .most = kText,
     .meaning = "ACL user to authenticate as."},
    {.id = redis_password, .group = Group::redis, .variable = "HASH_REDIS_PASSWORD", .most = kSecret, .secret = true,
     .meaning = "Password of the user."},
    {.id = redis_password_file, .group = Group::redis, .variable = "HASH_REDIS_PASSWORD_FILE", .kind = Kind::path, .most = kText,
     .meaning = "File that holds the password; read anew at every connect. Wins over HASH_REDIS_PASSWORD."},
    {.id = redis_database, .group = Group::redis, .variable = "HASH_REDIS_DATABASE", .kind = Kind::count, .fallback = "0",
     .most = std::numeric_limits<std::int32_t>::max(), .meaning = "Number of the Redis database."},
    {.id = redis_tls, .group = Group::redis, .variable = "HASH_REDIS_ENCRYPTED_TRANSIT", .kind = Kind::boolean,
     .fallback = "false", .meaning = "true: TLS; the server's certificate and its name are verified."},
    {.id = redis_ca_file, .group = Group::redis, .variable = "HASH_REDIS_CA_FILE", .kind = Kind::path,
     .fallback_words = "the system's authorities", .most = kText, .meaning = "Authorities to trust, as a PEM file."},
    {.id = redis_cert_file, .group = Group::redis, .variable = "HASH_REDIS_CERT_FILE", .kind = Kind::path, .most = kText,
     .meaning = "Client certificate, as a PEM file."},
    {.id = redis_key_file, .group = Group::redis, .variable = "HASH_REDIS_KEY_FILE", .kind = Kind::path, .most = kText,
     .meaning = "Key of the client certificate, as a PEM file."},
    {.id = redis_tls_server_name, .group = Group::redis, .variable = "HASH_REDIS_TLS_SERVER_NAME", .kind = Kind::host,
     .fallback_words = "HASH_REDIS_HOST", .meaning = "Name that the certificate must have, where the way leads through a tunnel."},

    {.id = search_queue, .group = Group::queues, .variable = "HASH_SEARCH_QUEUE_NAME", .kind = Kind::queue, .required = true,
     .meaning = "The search-loader's queue, a list."},
    {.id = integration_queue, .group = Group::queues, .variable = "HASH_INTEGRATION_QUEUE_NAME", .kind = Kind::queue, .fallback = "integration",
     .empty_means = "no such queue",
     .meaning = "The queue for collab in the api service, a list. A queue that nobody reads fills Redis."},
    {.id = queues, .group = Group::queues, .variable = "HASH_REALTIME_QUEUES", .kind = Kind::list, .most = kList,
     .meaning = "Further queues, comma-separated, each name or kind:name; kinds: list (default), stream."},
    {.id = stream_maxlen, .group = Group::queues, .variable = "HASH_REALTIME_STREAM_MAXLEN", .kind = Kind::count, .least = 1,
     .most = std::numeric_limits<std::int64_t>::max(),
     .meaning = "Stream queues are cut to about this many entries, unread ones too (counted, and said). Without it nothing is cut off."},
    {.id = queue_warn_length, .group = Group::queues, .variable = "HASH_REALTIME_QUEUE_WARN_LENGTH", .kind = Kind::count,
     .fallback = "100000", .least = 1, .most = std::numeric_limits<std::int64_t>::max(),
     .meaning = "A queue that is longer is warned of, in the log and as a metric."},

    {.id = lease, .group = Group::delivery, .variable = "HASH_REALTIME_LEASE", .kind = Kind::duration, .fallback = "10s",
     .least = 1 * s, .most = 600 * s, .meaning = "How long an owner may be silent before a standby takes the slot from it."},
    {.id = replay_window, .group = Group::delivery, .variable = "HASH_REALTIME_REPLAY_WINDOW", .kind = Kind::duration,
     .fallback = "5s", .most = 600 * s,
     .meaning = "How far acknowledgement stays behind delivery, so that what Redis forgets can be replayed."},
    {.id = on_oversize, .group = Group::delivery, .variable = "HASH_REALTIME_ON_OVERSIZE", .kind = Kind::choice,
     .fallback = "stop", .choices = "stop|skip",
     .meaning = "What to do with a message that is larger than HASH_REALTIME_MAX_MESSAGE_BYTES: stop and say so, or leave it "
                "out and count it."},
    {.id = max_message_bytes, .group = Group::delivery, .variable = "HASH_REALTIME_MAX_MESSAGE_BYTES", .kind = Kind::size,
     .fallback = "512MiB", .least = 1 * KiB, .most = 1 * GiB, .meaning = "The largest message that Redis takes."},
    {.id = max_in_flight_bytes, .group = Group::delivery, .variable = "HASH_REALTIME_MAX_IN_FLIGHT_BYTES", .kind = Kind::size,
     .fallback = "16MiB", .least = 1 * MiB, .most = 16 * GiB,
     .meaning = "Bytes received and not yet taken by every queue; beyond it the reader waits."},
    {.id = decoder_threads, .group = Group::delivery, .variable = "HASH_REALTIME_DECODER_THREADS", .kind = Kind::count,
     .fallback_words = "from the cores", .least = 1, .most = 256, .meaning = "Size of the decoder pool."},

    {.id = bind, .group = Group::service, .variable = "HASH_REALTIME_BIND", .kind = Kind::address, .fallback = "0.0.0.0",
     .meaning = "Address that the HTTP server listens on. It asks for no password: keep it inside."},
    {.id = port, .group = Group::service, .variable = "HASH_REALTIME_PORT", .kind = Kind::port, .fallback = "3333", .least = 1,
     .most = 65535, .meaning = "Port of the HTTP server: /health-check, /ready, /status, /metrics and the page at /."},
    {.id = node_env, .group = Group::service, .variable = "NODE_ENV", .kind = Kind::choice, .fallback = "production",
     .choices = "production|development",
     .meaning = "production: JSON log lines, level info. development: readable coloured lines, level debug."},
    {.id = log_level, .group = Group::service, .variable = "HASH_REALTIME_LOG_LEVEL", .kind = Kind::choice,
     .fallback_words = "from NODE_ENV", .choices = "trace|debug|info|warn|error", .meaning = "The least level that is logged."},
});
// clang-format on

constexpr bool rows_match_ids() {
  for (std::size_t i = 0; i < kOptions.size(); ++i) {
    if (static_cast<std::size_t>(kOptions[i].id) != i || kOptions[i].meaning.empty()) return false;
    if (i > 0 && kOptions[i].group < kOptions[i - 1].group) return false;
  }
  return kOptions.size() == static_cast<std::size_t>(log_level) + 1;
}
static_assert(rows_match_ids(), "the rows are not those of OptionId, or a group is torn apart");

}  // namespace

std::span<const Option> all_options() {
  return kOptions;
}

const Option& option(OptionId id) {
  return kOptions[static_cast<std::size_t>(id)];
}

const Option* find_option(std::string_view name) {
  for (const Option& row : kOptions) {
    if (name == row.variable || (!row.alias.empty() && name == row.alias)) return &row;
  }
  return nullptr;
}

}  // namespace realtime
