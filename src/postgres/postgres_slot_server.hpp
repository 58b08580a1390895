#pragma once

#include <functional>
#include <memory>
#include <string>

#include "realtime/slot_server.hpp"

#include "postgres/connection.hpp"
#include "postgres/slot_stream.hpp"

namespace realtime::postgres {

/// How to reach the server that holds a slot, and what its plugin needs there.
struct SlotServerOptions {
  std::string slot;
  std::string companion;  ///< how the application_name of an owner's other connection begins
  /// With the password as it is now; asked before every connection.
  std::function<Result<ConnectOptions>()> connect;
  /// Makes what the output plugin needs beside the slot.
  std::function<Status(Connection&)> prepare = [](Connection&) { return ok(); };
  DroppedWithoutIdentity dropped_without_identity = {};
};

/// A SlotSession over a connection that is lent: the checks and accept-loss have one of their own. An
/// ordinary connection cannot ask for timelines: it answers with those that it was given.
class PostgresSlotSession final : public SlotSession {
 public:
  PostgresSlotSession(Connection& connection, const SlotServerOptions& options,
                      TimelineHistory timelines = {})
      : connection_(&connection), options_(options), timelines_(std::move(timelines)) {}
  PostgresSlotSession(std::unique_ptr<Connection> connection, const SlotServerOptions& options)
      : owned_(std::move(connection)), connection_(owned_.get()), options_(options) {}

  Result<ServerFacts> server() override;
  Result<SlotFacts> slot() override;
  Result<TimelineHistory> timelines(std::uint32_t current) override;
  Result<OriginalService> look_for_original() override;
  Result<std::optional<LogHash>> hash_log(Lsn at, std::uint32_t bytes, std::uint32_t timeline) override;
  Result<TransactionStatus> status_of(std::uint32_t xid) override;
  Status prepare() override;
  Result<Lsn> create_slot(const std::string& plugin, std::function<void()> while_waiting) override;
  Status drop_slot() override;
  Status set_owner_timeout(std::chrono::milliseconds timeout) override;
  /// Only where the connection is its own.
  Result<std::unique_ptr<Source>> stream_from(const StreamRequest& request,
                                              const OutputPlugin& plugin) override;

 private:
  Connection& connection();

  std::unique_ptr<Connection> owned_;
  Connection* connection_;  ///< null once it has become the stream
  const SlotServerOptions options_;
  const TimelineHistory timelines_;
};

/// The slot of one service on a PostgreSQL server. Constant after construction; any thread.
class PostgresSlotServer final : public SlotServer {
 public:
  explicit PostgresSlotServer(SlotServerOptions options) : options_(std::move(options)) {}

  Result<std::unique_ptr<SlotSession>> connect() override;
  Result<std::unique_ptr<SlotObserver>> observe() override;

 private:
  const SlotServerOptions options_;
};

}  // namespace realtime::postgres
