#include "postgres/connection.hpp"

#include <thread>

#include <libpq-fe.h>

#include "net/wait_for_socket.hpp"
#include "postgres/errors.hpp"

namespace realtime::postgres {
namespace {

using std::chrono::steady_clock;

std::string_view field(const PGresult* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text ? text : std::string_view();
}

/// Libpq's cancel connects anew and waits: on a thread of its own, so that nobody waits with it.
void cancel_in_background(PGconn* connection) {
  PGcancel* cancel = PQgetCancel(connection);
  if (cancel == nullptr) return;
  try {
    std::thread([cancel] {
      char text[256];
      PQcancel(cancel, text, sizeof text);
      PQfreeCancel(cancel);
    }).detach();
  } catch (const std::exception&) {  // no thread to be had: the server notices the closed connection instead
    PQfreeCancel(cancel);
  }
}

}  // namespace

Connection::Connection(pg_conn* connection, const ConnectOptions& options, ConnectionKind kind,
                       NoticeHandler on_notice)
    : connection_(connection),
      kind_(kind),
      stop_fd_(options.stop_fd),
      query_timeout_(options.query_timeout),
      user_(options.user),
      database_(options.database),
      on_notice_(std::move(on_notice)) {
  // Without a receiver of ours libpq writes to standard error.
  PQsetNoticeReceiver(
      connection_,
      [](void* self, const PGresult* result) {
        const NoticeHandler& handler = static_cast<Connection*>(self)->on_notice_;
        if (handler) {
          handler({field(result, PG_DIAG_SEVERITY_NONLOCALIZED), field(result, PG_DIAG_SQLSTATE),
                   field(result, PG_DIAG_MESSAGE_PRIMARY)});
        }
      },
      this);
}

Connection::~Connection() {
  on_notice_ = {};
  PQfinish(connection_);
}

Result<Rows> Connection::query(const std::string& sql, const Wait& wait) {
  Result<ResultPtr> result = run(sql, wait);
  if (!result) return result.error();
  return Rows(std::move(*result));
}

Status Connection::start_copy(const std::string& sql) {
  Result<ResultPtr> result = run(sql, {query_timeout_});
  if (!result) return result.error();
  if (PQresultStatus(result->get()) == PGRES_COPY_BOTH) return ok();
  return Error{ErrorKind::postgres_protocol, "START_REPLICATION was answered without a stream"};
}

Result<ResultPtr> Connection::run(const std::string& sql, const Wait& wait) {
  if (!usable()) return Error{ErrorKind::postgres_unreachable, "the connection to PostgreSQL is closed"};
  if (PQsendQuery(connection_, sql.c_str()) != 1) return last_error();
  ResultPtr last;
  for (;;) {
    if (Status status = wait_for_result(wait); !status) return status.error();
    ResultPtr next(PQgetResult(connection_));
    if (!next) break;
    const ExecStatusType status = PQresultStatus(next.get());
    if (status == PGRES_COPY_BOTH || status == PGRES_COPY_IN || status == PGRES_COPY_OUT) return next;
    // The first error stays; what follows it ("no connection to the server") says less.
    if (!last || PQresultStatus(last.get()) != PGRES_FATAL_ERROR) last = std::move(next);
  }
  if (!last) return last_error();
  if (PQresultStatus(last.get()) == PGRES_FATAL_ERROR) return error_of(last.get());
  return last;
}

Status Connection::wait_for_result(const Wait& wait) {
  constexpr std::chrono::seconds kTick{1};
  const auto start = steady_clock::now();
  auto tick = start + kTick;
  while (PQisBusy(connection_)) {
    const int flushed = PQflush(connection_);
    if (flushed < 0) return last_error();
    std::optional<steady_clock::time_point> until;
    if (wait.timeout) until = start + *wait.timeout;
    const bool only_a_tick = wait.while_waiting && (!until || tick < *until);
    if (only_a_tick) until = tick;
    switch (net::wait_for_socket(PQsocket(connection_), true, flushed == 1, stop_fd_, until)) {
      case net::Woken::stopped:
        return give_up({ErrorKind::stopped, "stopped while PostgreSQL was working"}, wait);
      case net::Woken::late:
        if (!only_a_tick) {
          return give_up({ErrorKind::postgres_unreachable, "PostgreSQL did not answer within " +
                                                               std::to_string(wait.timeout->count()) + " ms"},
                         wait);
        }
        wait.while_waiting();
        tick = steady_clock::now() + kTick;
        break;
      case net::Woken::ready:
        // A failure shows in the result; what the server said before it closed is still to be read.
        if (PQconsumeInput(connection_) == 0 && PQisBusy(connection_)) return last_error();
        break;
    }
  }
  return ok();
}

Status Connection::give_up(Error error, const Wait& wait) {
  abandoned_ = true;
  if (wait.cancel) {
    cancel_in_background(connection_);
    // The answer to the cancelled statement tells that nothing of it is left behind; not worth a long wait.
    const auto until = steady_clock::now() + std::chrono::milliseconds(1000);
    while (PQisBusy(connection_) &&
           net::wait_for_socket(PQsocket(connection_), true, false, -1, until) == net::Woken::ready) {
      if (PQconsumeInput(connection_) == 0) break;
    }
  }
  return error;
}

std::string Connection::literal(std::string_view text) const {
  char* quoted = PQescapeLiteral(connection_, text.data(), text.size());
  std::string copy = quoted ? quoted : "NULL";
  PQfreemem(quoted);
  return copy;
}

std::string Connection::identifier(std::string_view name) const {
  char* quoted = PQescapeIdentifier(connection_, name.data(), name.size());
  std::string copy = quoted ? quoted : "\"\"";
  PQfreemem(quoted);
  return copy;
}

bool Connection::usable() const {
  return !abandoned_ && PQstatus(connection_) == CONNECTION_OK;
}
bool Connection::encrypted() const {
  return PQsslInUse(connection_) == 1;
}
int Connection::server_version() const {
  return PQserverVersion(connection_);
}
int Connection::backend_pid() const {
  return PQbackendPID(connection_);
}
int Connection::fd() const {
  return PQsocket(connection_);
}
Error Connection::last_error() const {
  return with_names(connect_error(PQerrorMessage(connection_)));
}

Error Connection::with_names(Error error) const {
  error.remedy = filled(std::move(error.remedy), user_, database_);
  return error;
}

Error Connection::error_of(const pg_result* result) const {
  const std::string_view text = field(result, PG_DIAG_MESSAGE_PRIMARY);
  const std::string_view sqlstate = field(result, PG_DIAG_SQLSTATE);
  if (sqlstate.empty()) return with_names(connect_error(PQresultErrorMessage(result)));
  const std::string_view context = field(result, PG_DIAG_CONTEXT);
  std::string message = one_line(text) + " (SQLSTATE " + std::string(sqlstate) + ")";
  // Names the slot, the plugin's callback and the LSN it failed at; a statement's context could quote values.
  if (context.starts_with("slot \"")) message += "; " + one_line(context);
  const ErrorKind kind = kind_of(sqlstate, text, context);
  const bool of_row = kind == ErrorKind::row_undecodable;  // whatever its code is known for elsewhere
  return with_names({kind, std::move(message), of_row ? std::string() : remedy_of(sqlstate, text)});
}

}  // namespace realtime::postgres
