#include "postgres/slot_stream.hpp"

#include <algorithm>

#include <libpq-fe.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include "base/check.hpp"
#include "postgres/dropped_notice.hpp"
#include "postgres/errors.hpp"
#include "postgres/slot.hpp"

namespace realtime::postgres {
namespace {

/// The most messages of one drain, those included that no frame keeps.
constexpr int kMostMessages = 65'536;

/// TLS may hold back a part of a record that libpq's buffer had no room for; no poll would tell of it.
bool holds_back(PGconn* raw) {
  auto* tls = static_cast<SSL*>(PQsslStruct(raw, "OpenSSL"));
  return tls != nullptr && SSL_pending(tls) > 0;
}

}  // namespace

Result<std::unique_ptr<SlotStream>> SlotStream::start(std::unique_ptr<Connection> connection,
                                                      const Start& start, const OutputPlugin& plugin) {
  if (Status status = check_slot_name(start.slot); !status) return status.error();
  const std::string sql = "START_REPLICATION SLOT " + connection->identifier(start.slot) + " LOGICAL " +
                          to_string(start.at) + " " + plugin.start_options(start.transactions);
  if (Status status = connection->start_copy(sql); !status) return status.error();
  return std::unique_ptr<SlotStream>(new SlotStream(std::move(connection), start, plugin.make_framer()));
}

SlotStream::SlotStream(std::unique_ptr<Connection> connection, const Start& start,
                       std::unique_ptr<Framer> framer)
    : connection_(std::move(connection)),
      framer_(std::move(framer)),
      seen_(start.at),
      longest_pause_(pause_of_socket()) {
  connection_->on_notice([this, next = connection_->notice_handler(),
                          dropped = start.dropped_without_identity](const Notice& notice) {
    const auto table = dropped ? table_without_identity(notice.message) : std::nullopt;
    if (table) {
      dropped(*table);
    } else if (is_publication_skipped(notice.message)) {
      noticed_ = Error{ErrorKind::postgres_publication,
                       one_line(notice.message) + ": it was not there yet when the next changes were made"};
    } else if (next) {
      next(notice);
    }
  });
}

SlotStream::~SlotStream() {
  close();
}

Result<Drained> SlotStream::drain(Frame& frame) {
  if (failed_) return *failed_;
  if (ended_) return Drained::ended;
  if (!connection_) return Error{ErrorKind::stopped, "the stream is closed"};
  if (Status status = flush(); !status) return fail(status.error());
  Result<Drained> outcome = Drained::filled;
  for (int count = 0; count < kMostMessages; ++count) {
    if (!pending_) {
      Result<Next> next = receive();
      if (!next || *next != Next::message) {
        outcome = !next ? Result<Drained>(fail(next.error()))
                        : (*next == Next::ended ? Drained::ended : Drained::emptied);
        break;
      }
    }
    const Result<bool> placed = place(frame);
    if (!placed) return fail(placed.error());
    if (!*placed) break;
  }
  if (keepalive_) {
    frame.add_keepalive(*std::exchange(keepalive_, std::nullopt));
    frame.caught_up = outcome && *outcome == Drained::emptied;
  }
  return outcome;
}

/// Makes the next message pending, if there is one.
Result<SlotStream::Next> SlotStream::receive() {
  PGconn* raw = connection_->raw();
  for (bool consumed = false;; consumed = true) {
    if (ending_) return end_of_copy();
    char* bytes = nullptr;
    const int length = PQgetCopyData(raw, &bytes, 1);
    if (noticed_) {
      PQfreemem(bytes);
      return *noticed_;
    }
    if (length > 0) {
      MallocBuffer buffer(bytes);
      const auto size = static_cast<std::size_t>(length);
      largest_ = std::max(largest_, size);
      Result<ReplicationMessage> message = parse_replication_message({bytes, size});
      if (!message) return message.error();
      pending_ = Received{std::move(buffer), *message};
      return Next::message;
    }
    if (length == -2) return connection_->last_error();
    if (length == -1) {
      ending_ = true;
      continue;
    }
    if (consumed && !holds_back(raw)) return Next::nothing;
    // A lost connection may have brought its reason before it was lost: look once more before saying so.
    if (PQconsumeInput(raw) == 0) {
      const Error lost = connection_->last_error();
      const int rest = PQgetCopyData(raw, &bytes, 1);
      if (rest == -1) return end_of_copy();
      if (rest > 0) PQfreemem(bytes);
      return lost;
    }
  }
}

Result<SlotStream::Next> SlotStream::end_of_copy() {
  PGconn* raw = connection_->raw();
  if (PQisBusy(raw)) {
    if (PQconsumeInput(raw) == 0) return connection_->last_error();
    if (PQisBusy(raw)) return Next::nothing;
  }
  const ResultPtr result(PQgetResult(raw));
  if (result && PQresultStatus(result.get()) == PGRES_FATAL_ERROR) return connection_->error_of(result.get());
  ended_ = true;  // COMMAND_OK: the server stops; COPY_IN: it ended only its own half
  return Next::ended;
}

/// Moves the pending message into the frame; false where it has no room.
Result<bool> SlotStream::place(Frame& frame) {
  if (const auto* alive = std::get_if<PrimaryKeepalive>(&pending_->message)) {
    seen_ = std::max(seen_, alive->wal_end);
    keepalive_ = alive->wal_end;
    frame.reply_requested = frame.reply_requested || alive->reply_requested;
    pending_.reset();
    return true;
  }
  const auto& data = std::get<XLogData>(pending_->message);
  if (!frame.has_room(data.payload.size())) return false;
  // Order within the frame: the keepalive came first. An empty frame must stay so for a message larger than
  // it.
  if (keepalive_) {
    frame.add_keepalive(*std::exchange(keepalive_, std::nullopt));
    if (!frame.has_room(data.payload.size())) return false;
  }
  seen_ = std::max({seen_, data.start, data.wal_end});
  const Status added = framer_->add({data.start, data.sent_at_us, data.payload, &pending_->buffer}, frame);
  pending_.reset();
  if (!added) return added.error();
  return true;
}

Status SlotStream::send_status(Lsn received, Lsn confirmed, bool ask_reply) {
  if (failed_) return *failed_;
  if (ended_ || !connection_) return ok();
  // PostgreSQL accepts a confirmation of what it has never written, and then skips it in silence.
  RT_CHECK(confirmed <= seen_, "nothing is confirmed that the server has not spoken of");
  confirmed_ = std::max(confirmed_, confirmed);
  unsent_ = build_status_update(std::max(received, confirmed_), confirmed_, server_clock_us(), ask_reply);
  if (Status status = flush(); !status) return fail(status.error());
  return ok();
}

/// Gives the socket what it takes. Of updates that could not be sent yet only the newest is kept.
Status SlotStream::flush() {
  PGconn* raw = connection_->raw();
  if (ending_) return ok();
  const int behind = PQflush(raw);
  if (behind < 0) return ok();  // the receiving half finds the reason
  if (behind > 0 || !unsent_) return ok();
  const int put = PQputCopyData(raw, unsent_->data(), static_cast<int>(unsent_->size()));
  if (put < 0 && PQstatus(raw) == CONNECTION_OK) return connection_->last_error();
  if (put != 0) unsent_.reset();
  PQflush(raw);
  return ok();
}

void SlotStream::close() {
  if (!connection_) return;
  if (!failed_ && !ended_ && PQstatus(connection_->raw()) == CONNECTION_OK) {
    PQputCopyEnd(connection_->raw(), nullptr);
    PQflush(connection_->raw());
  }
  connection_.reset();
  pending_.reset();
}

/// A Unix socket holds what the server's send buffer takes (net.core.wmem_default, some 170 small messages),
/// a TCP socket also what ours does, which grows with what is read at a time (tcp(7), tcp_rmem).
Duration SlotStream::pause_of_socket() const {
  int domain = 0;
  socklen_t size = sizeof domain;
  getsockopt(fd(), SOL_SOCKET, SO_DOMAIN, &domain, &size);
  return domain == AF_UNIX ? std::chrono::microseconds(100) : kLongestPause;
}

int SlotStream::fd() const {
  return connection_ ? PQsocket(connection_->raw()) : -1;
}

Error SlotStream::fail(Error error) {
  failed_ = error;
  return error;
}

}  // namespace realtime::postgres
