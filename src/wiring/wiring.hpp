#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "realtime/checkpoint_store.hpp"
#include "realtime/log_witness.hpp"
#include "realtime/output_plugin.hpp"
#include "realtime/position.hpp"
#include "realtime/sink.hpp"

#include "base/stop_signal.hpp"
#include "config/config.hpp"
#include "ownership/claim.hpp"
#include "ownership/takeover.hpp"
#include "postgres/postgres_slot_server.hpp"
#include "redis/endpoint.hpp"
#include "redis/redis_checkpoint_store.hpp"

namespace realtime {

/// The only place that names concrete classes for the pipeline's interfaces: a new plugin or kind of queue is
/// one row here. Constant after construction; any thread.
class Wiring {
 public:
  /// `types_version`: see postgres::pgoutput::Catalog::version; may be empty.
  Wiring(const Config& config, std::shared_ptr<DecodeObserver> observer,
         std::function<std::uint64_t()> types_version = {});

  /// The filter that the settings ask for.
  Filter configured_filter() const;
  /// `server_takes`: the longest message that Redis takes, where it is known.
  std::shared_ptr<const OutputPlugin> make_plugin(const Filter& filter,
                                                  std::optional<std::uint64_t> server_takes = {}) const;
  std::unique_ptr<QueueSink> make_sink(const QueueSpec& queue) const;

  /// Who reads the server's log while the slot is owned. `on_log`: whether the server gives it, when it is known;
  /// on a thread of its own.
  std::shared_ptr<LogWitness> make_log_hasher(const Owned& owned,
                                              std::function<void(bool gives)> on_log) const;

  /// What an instance of these settings wants to own.
  Claim claim() const;
  /// The server of the claim's slot. `stop_fd`: what ends a wait.
  postgres::SlotServerOptions slot_server_options(int stop_fd) const;
  /// The queues of the claim as the store of their records knows them.
  std::vector<redis::RedisCheckpointStore::Queue> stored_queues() const;

  /// How to reach PostgreSQL, with the password as it is now. `stop_fd`: what ends a wait.
  Result<postgres::ConnectOptions> postgres_options(int stop_fd) const;
  redis::Endpoint redis_endpoint() const;
  /// What this instance calls itself to PostgreSQL and Redis.
  const std::string& application_name() const { return application_name_; }

 private:
  std::shared_ptr<const OutputPlugin> make_pgoutput(const Filter& filter,
                                                    const OversizePolicy& oversize) const;

  const Config& config_;
  std::shared_ptr<DecodeObserver> observer_;
  std::function<std::uint64_t()> types_version_;
  std::string application_name_;
};

/// Until a stream has something to read, for a moment at most; an error once the stop signal came.
Status wait_for_stream(const Source& source, const StopSignal& stop);

}  // namespace realtime
