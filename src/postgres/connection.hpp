#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "realtime/lsn.hpp"
#include "realtime/result.hpp"

#include "net/resolver.hpp"
#include "postgres/rows.hpp"

struct pg_conn;

namespace realtime::postgres {

enum class ConnectionKind {
  ordinary,
  replication,  ///< replication=database: SQL by the simple protocol, and the replication commands
};

struct ConnectOptions {
  std::string host;  ///< a directory is a Unix socket
  int port = 5432;
  std::string user;
  std::string password;  ///< empty: libpq looks where it always does (PGPASSFILE ...)
  std::string database;
  std::string application_name;
  std::chrono::milliseconds connect_timeout{10'000};  ///< for all of it: connecting, TLS, login, settings
  std::chrono::milliseconds query_timeout{10'000};    ///< a silent server is noticed this soon
  int stop_fd = -1;  ///< readable: whatever waits ends at once with ErrorKind::stopped; not owned
  net::Resolver* resolver = &net::Resolver::system();  ///< not owned
};

/// A NOTICE or WARNING of the server, outside of any result. Views live for the call only.
struct Notice {
  std::string_view severity;  ///< not translated: "WARNING"
  std::string_view sqlstate;
  std::string_view message;
};
using NoticeHandler = std::function<void(const Notice&)>;

/// How a statement is waited for.
struct Wait {
  std::optional<std::chrono::milliseconds> timeout;  ///< none: for ever (until stopped)
  std::function<void()> while_waiting = {};          ///< called about once a second
  bool cancel = false;  ///< when stopped or late, ask the server to cancel the statement
};

/// One connection to PostgreSQL, with a session in which the text of every type is what CONTRACT promises
/// whatever role and database have set. Nothing waits longer than it was told to. Owns the PGconn. One thread
/// at a time.
class Connection {
 public:
  /// Connects, logs in and makes the session's settings. Resolves the host's name anew and tries its
  /// addresses one after the other, until one leads to a server that is not in recovery; where none does, to
  /// one that is.
  static Result<std::unique_ptr<Connection>> open(const ConnectOptions& options, ConnectionKind kind,
                                                  NoticeHandler on_notice = {});
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Runs one statement (simple protocol) and gives its rows; of several statements, those of the last. After
  /// a timeout, a stop or a lost connection the Connection is of no use any more.
  Result<Rows> query(const std::string& sql) { return query(sql, {query_timeout_}); }
  Result<Rows> query(const std::string& sql, const Wait& wait);
  /// Runs a START_REPLICATION; afterwards the connection is in copy mode and belongs to a SlotStream.
  Status start_copy(const std::string& sql);

  /// The text as an SQL literal or identifier, with its quotes.
  std::string literal(std::string_view text) const;
  std::string identifier(std::string_view name) const;

  ConnectionKind kind() const { return kind_; }
  bool usable() const;
  bool encrypted() const;
  int server_version() const;                        ///< 150020
  bool in_recovery() const { return in_recovery_; }  ///< when the session began
  int backend_pid() const;
  int fd() const;  ///< to poll for what the server says unasked; -1: closed
  int stop_fd() const { return stop_fd_; }
  void on_notice(NoticeHandler handler) { on_notice_ = std::move(handler); }
  const NoticeHandler& notice_handler() const { return on_notice_; }

  pg_conn* raw() { return connection_; }
  /// What libpq says of the connection now, as an error of ours.
  Error last_error() const;
  /// The error in a result.
  Error error_of(const pg_result* result) const;

 private:
  Connection(pg_conn* connection, const ConnectOptions& options, ConnectionKind kind,
             NoticeHandler on_notice);
  static Result<std::unique_ptr<Connection>> open_address(const ConnectOptions& options,
                                                          const std::string& address,
                                                          std::chrono::milliseconds timeout,
                                                          ConnectionKind kind,
                                                          const NoticeHandler& on_notice);
  Status connect(std::chrono::milliseconds timeout);
  /// Its remedy with our role and database in the places of their marks.
  Error with_names(Error error) const;
  Status settle_session();
  Result<ResultPtr> run(const std::string& sql, const Wait& wait);
  Status wait_for_result(const Wait& wait);
  Status give_up(Error error, const Wait& wait);

  pg_conn* connection_;
  ConnectionKind kind_;
  int stop_fd_;
  std::chrono::milliseconds query_timeout_;
  std::string user_, database_;
  NoticeHandler on_notice_;
  bool in_recovery_ = false;
  bool abandoned_ = false;
};

}  // namespace realtime::postgres
