#include "postgres/postgres_slot_server.hpp"

#include <utility>

#include "base/check.hpp"
#include "postgres/log_bytes.hpp"
#include "postgres/slot.hpp"
#include "postgres/slot_watch.hpp"
#include "postgres/timeline.hpp"
#include "postgres/transaction_status.hpp"

namespace realtime::postgres {

Connection& PostgresSlotSession::connection() {
  RT_CHECK(connection_ != nullptr, "a session is spent once it streams");
  return *connection_;
}

Result<ServerFacts> PostgresSlotSession::server() {
  return read_server(connection());
}

Result<SlotFacts> PostgresSlotSession::slot() {
  return read_slot(connection(), options_.slot);
}

Result<TimelineHistory> PostgresSlotSession::timelines(std::uint32_t current) {
  if (connection().kind() == ConnectionKind::ordinary) return timelines_;
  return read_timelines(connection(), current);
}

Result<OriginalService> PostgresSlotSession::look_for_original() {
  return postgres::look_for_original(connection(), options_.slot);
}

Result<std::optional<LogHash>> PostgresSlotSession::hash_log(Lsn at, std::uint32_t bytes,
                                                             std::uint32_t timeline) {
  RT_CHECK(bytes > 0 && bytes <= at.value, "there is a log before the position");
  RT_CHECK(owned_ != nullptr, "a connection that was lent stays as it is");
  const LogRead read = read_log(connection(), {at.value - bytes}, at, timeline);
  if (!read.good() && *read.refusal == LogRefusal::stopping)
    return Error{ErrorKind::postgres_starting, "the server does not give its log: " + read.why};
  if (!read.good() && *read.refusal == LogRefusal::failed)
    return Error{ErrorKind::postgres_unreachable, "the server's log could not be read: " + read.why};
  // A walsender that has ended one copy ends the next one of another kind at once; never two at a time.
  connection_ = nullptr;
  owned_.reset();
  const auto options = options_.connect();
  if (!options) return options.error();
  auto opened = Connection::open(*options, ConnectionKind::replication);
  if (!opened) return opened.error();
  owned_ = std::move(*opened);
  connection_ = owned_.get();
  return read.good() ? std::optional(hash_log_bytes(read.bytes)) : std::nullopt;
}

Result<TransactionStatus> PostgresSlotSession::status_of(std::uint32_t xid) {
  return read_transaction_status(connection(), xid);
}

Status PostgresSlotSession::prepare() {
  return options_.prepare(connection());
}

Result<Lsn> PostgresSlotSession::create_slot(const std::string& plugin, std::function<void()> while_waiting) {
  return postgres::create_slot(connection(), options_.slot, plugin, std::move(while_waiting));
}

Status PostgresSlotSession::drop_slot() {
  return postgres::drop_slot(connection(), options_.slot);
}

Status PostgresSlotSession::set_owner_timeout(std::chrono::milliseconds timeout) {
  RT_CHECK(timeout.count() > 0, "a timeout of 0 is none");
  return set_wal_sender_timeout(connection(), timeout);
}

Result<std::unique_ptr<Source>> PostgresSlotSession::stream_from(const StreamRequest& request,
                                                                 const OutputPlugin& plugin) {
  RT_CHECK(owned_ != nullptr, "a connection that was lent becomes no stream");
  connection_ = nullptr;
  auto stream = SlotStream::start(
      std::move(owned_),
      {options_.slot, request.start, request.transactions, options_.dropped_without_identity}, plugin);
  if (!stream) return stream.error();
  return std::unique_ptr<Source>(std::move(*stream));
}

Result<std::unique_ptr<SlotSession>> PostgresSlotServer::connect() {
  const auto options = options_.connect();
  if (!options) return options.error();
  auto opened = Connection::open(*options, ConnectionKind::replication);
  if (!opened) return opened.error();
  return std::unique_ptr<SlotSession>(std::make_unique<PostgresSlotSession>(std::move(*opened), options_));
}

Result<std::unique_ptr<SlotObserver>> PostgresSlotServer::observe() {
  const auto options = options_.connect();
  if (!options) return options.error();
  auto opened = Connection::open(*options, ConnectionKind::ordinary);
  if (!opened) return opened.error();
  return std::unique_ptr<SlotObserver>(
      std::make_unique<SlotWatch>(std::move(*opened), options_.slot, options_.companion));
}

}  // namespace realtime::postgres
