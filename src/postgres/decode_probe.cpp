#include "postgres/decode_probe.hpp"

#include <algorithm>

#include <libpq-fe.h>

#include "postgres/replication_messages.hpp"
#include "postgres/slot.hpp"
#include "postgres/wait_for_socket.hpp"

namespace realtime::postgres {
namespace {

constexpr Duration kStatusInterval = std::chrono::milliseconds(300);

/// How the copy ended: an error, or without one where the server stops.
Status end_of_copy(Connection& connection) {
  const ResultPtr result(PQgetResult(connection.raw()));
  if (result && PQresultStatus(result.get()) == PGRES_FATAL_ERROR) return Connection::error_of(result.get());
  return Error{ErrorKind::postgres_starting, "the server ended the stream: it is stopping"};
}

/// Takes what libpq has: true once the server has come as far as wanted.
Result<bool> throw_away(Connection& connection, Lsn until) {
  for (;;) {
    char* bytes = nullptr;
    const int length = PQgetCopyData(connection.raw(), &bytes, 1);
    if (length == 0) return false;
    if (length == -1) return end_of_copy(connection).error();
    if (length < 0) return connection.last_error();
    const auto message = parse_replication_message({bytes, static_cast<std::size_t>(length)});
    const auto* alive = message ? std::get_if<PrimaryKeepalive>(&*message) : nullptr;
    const bool far_enough = alive != nullptr && alive->wal_end >= until;
    PQfreemem(bytes);
    if (!message) return message.error();
    if (far_enough) return true;
  }
}

}  // namespace

Status try_to_decode(std::unique_ptr<Connection> connection, const DecodeProbe& probe) {
  if (Status status = check_slot_name(probe.slot); !status) return status;
  const Status started = connection->start_copy(
      "START_REPLICATION SLOT " + connection->identifier(probe.slot) + " LOGICAL 0/0 " + probe.options);
  if (!started) return started;
  TimePoint next_status{};
  for (;;) {
    const TimePoint now = std::chrono::steady_clock::now();
    if (now >= probe.deadline)
      return Error{ErrorKind::postgres_unreachable, "the slot was not decoded in time"};
    if (now >= next_status) {  // zero: nothing is confirmed; asked for a reply, which says how far it is
      const auto update = build_status_update({}, {}, now_in_server_us(), true);
      if (PQputCopyData(connection->raw(), update.data(), static_cast<int>(update.size())) < 0)
        return connection->last_error();
      next_status = now + kStatusInterval;
    }
    const int behind = PQflush(connection->raw());
    if (wait_for_socket(connection->fd(), true, behind > 0, probe.stop_fd,
                        std::min(next_status, probe.deadline)) == Woken::stopped)
      return Error{ErrorKind::stopped, "stopped while the slot was decoded"};
    const bool lost = PQconsumeInput(connection->raw()) == 0;
    const Result<bool> reached = throw_away(*connection, probe.until);
    if (!reached) return reached.error();
    if (*reached) return ok();
    if (lost) return connection->last_error();
  }
}

}  // namespace realtime::postgres
