#include "wiring/wiring.hpp"

#include <algorithm>

#include <poll.h>

#include "realtime/checkpoint_text.hpp"

#include "config/fingerprint.hpp"
#include "config/secret.hpp"
#include "postgres/application_name.hpp"
#include "postgres/catalog/publication.hpp"
#include "postgres/catalog/type_catalog.hpp"
#include "postgres/log_hasher.hpp"
#include "postgres/pgoutput/pgoutput.hpp"
#include "postgres/wal2json/wal2json.hpp"
#include "redis/keys.hpp"
#include "redis/list_queue.hpp"
#include "redis/stream_queue.hpp"

namespace realtime {

Wiring::Wiring(const Config& config, std::shared_ptr<DecodeObserver> observer,
               std::function<std::uint64_t()> types_version)
    : config_(config),
      observer_(std::move(observer)),
      types_version_(std::move(types_version)),
      application_name_(postgres::format_application_name({REALTIME_VERSION, fingerprint(config)})) {}

Filter Wiring::configured_filter() const {
  return make_filter(std::string(to_string(config_.plugin)), config_.tables.canonical(),
                     config_.excluded_tables.canonical());
}

std::shared_ptr<const OutputPlugin> Wiring::make_plugin(const Filter& filter,
                                                        std::optional<std::uint64_t> server_takes) const {
  const OversizePolicy oversize{
      std::min<std::size_t>(config_.max_message_bytes, server_takes.value_or(config_.max_message_bytes)),
      config_.skip_oversize};
  if (config_.plugin == Plugin::pgoutput) return make_pgoutput(filter, oversize);
  return std::make_shared<postgres::Wal2json>(filter, oversize, observer_);
}

std::shared_ptr<const OutputPlugin> Wiring::make_pgoutput(const Filter& filter,
                                                          const OversizePolicy& oversize) const {
  // The filter of a stream may be an older one than the settings'; its text has been checked when it was
  // configured.
  const auto tables = TablePatterns::parse(filter.tables), excluded = TablePatterns::parse(filter.excluded);
  postgres::Pgoutput::Options options;
  options.publication = config_.publication;
  options.monitored = [tables = tables ? *tables : TablePatterns(),
                       excluded = excluded ? *excluded : TablePatterns()](std::string_view schema,
                                                                          std::string_view table) {
    return tables.matches(schema, table) && !excluded.matches(schema, table);
  };
  auto catalog = std::make_shared<TypeCatalog>([this] { return postgres_options(-1); });
  options.catalog.types = [catalog](std::span<const postgres::pgoutput::TypeId> types) {
    return catalog->names(types);
  };
  options.catalog.has_generated_key = [catalog](std::uint32_t relation) {
    return catalog->has_generated_key(relation);
  };
  options.catalog.gone = [catalog](std::span<const std::uint32_t> relations) {
    return catalog->gone(relations);
  };
  options.catalog.version = types_version_;
  return std::make_shared<postgres::Pgoutput>(std::move(options), oversize, observer_);
}

std::unique_ptr<QueueSink> Wiring::make_sink(const QueueSpec& queue) const {
  switch (queue.kind) {
    case QueueKind::stream:
      return std::make_unique<redis::StreamQueue>(redis_endpoint(), queue.name,
                                                  config_.stream_maxlen.value_or(0));
    case QueueKind::list:
      break;
  }
  return std::make_unique<redis::ListQueue>(redis_endpoint(), queue.name);
}

std::shared_ptr<LogWitness> Wiring::make_log_hasher(const Owned& owned,
                                                    std::function<void(bool gives)> on_log) const {
  postgres::LogHasher::Options options;
  options.connect = [this] { return postgres_options(-1); };
  options.timeline = owned.timeline;
  options.timelines = owned.timelines;
  options.segment_bytes = owned.wal_segment_bytes;
  options.on_log = std::move(on_log);
  return std::make_shared<postgres::LogHasher>(std::move(options));
}

Claim Wiring::claim() const {
  Claim claim;
  claim.slot = config_.slot_name;
  claim.database = config_.postgres.database;
  for (const QueueSpec& queue : config_.queues) claim.queues.push_back(queue.name);
  claim.filter = configured_filter();
  claim.lease = config_.lease;
  claim.most_kept_bytes = config_.max_in_flight_bytes;
  claim.fingerprint = fingerprint(config_);
  return claim;
}

postgres::SlotServerOptions Wiring::slot_server_options(int stop_fd) const {
  postgres::SlotServerOptions options;
  options.slot = config_.slot_name;
  options.connect = [this, stop_fd] { return postgres_options(stop_fd); };
  if (config_.plugin == Plugin::pgoutput)
    options.prepare = [this](postgres::Connection& connection) {
      return ensure_publication(connection, config_);
    };
  return options;
}

std::vector<redis::RedisCheckpointStore::Queue> Wiring::stored_queues() const {
  std::vector<redis::RedisCheckpointStore::Queue> queues;
  for (const QueueSpec& queue : config_.queues)
    queues.push_back({queue.name, queue.kind == QueueKind::stream});
  return queues;
}

Result<postgres::ConnectOptions> Wiring::postgres_options(int stop_fd) const {
  postgres::ConnectOptions options;
  options.host = config_.postgres.host;
  options.port = config_.postgres.port;
  options.user = config_.postgres.user;
  options.database = config_.postgres.database;
  options.application_name = application_name_;
  options.stop_fd = stop_fd;
  options.password = config_.postgres.password.value_or("");
  if (!config_.postgres.password_file.empty()) {
    Result<std::string> password =
        read_secret(config_.postgres.password_file, ErrorKind::postgres_authentication);
    if (!password) return password.error();
    options.password = std::move(*password);
  }
  return options;
}

redis::Endpoint Wiring::redis_endpoint() const {
  redis::Endpoint endpoint;
  endpoint.host = config_.redis.host;
  endpoint.port = config_.redis.port;
  endpoint.database = static_cast<int>(config_.redis.database);
  endpoint.username = config_.redis.username;
  endpoint.client_name = "hash-realtime";
  if (!config_.queues.empty()) endpoint.probe_key = redis::record_key(config_.queues.front().name);
  endpoint.tls = {config_.redis.tls.on, config_.redis.tls.ca_file, config_.redis.tls.cert_file,
                  config_.redis.tls.key_file, config_.redis.tls.server_name};
  if (!config_.redis.password_file.empty()) {
    endpoint.password = [path = config_.redis.password_file] {
      return read_secret(path, ErrorKind::redis_authentication);
    };
  } else if (config_.redis.password) {
    endpoint.password = [password = *config_.redis.password]() -> Result<std::string> { return password; };
  }
  return endpoint;
}

Status wait_for_stream(const Source& source, const StopSignal& stop) {
  constexpr int kMoment = 100;  // milliseconds
  pollfd descriptors[2] = {{source.fd(), POLLIN, 0}, {stop.fd(), POLLIN, 0}};
  poll(descriptors, 2, kMoment);
  if (stop.is_set()) return Error{ErrorKind::stopped, "stopped while the records were proven"};
  return ok();
}

}  // namespace realtime
