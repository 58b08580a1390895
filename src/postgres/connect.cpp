// How a connection begins: parameters, login, and the settings of its session.

#include <cstdlib>
#include <string>
#include <vector>

#include <libpq-fe.h>

#include "net/wait_for_socket.hpp"
#include "postgres/connection.hpp"
#include "postgres/errors.hpp"

namespace realtime::postgres {
namespace {

using std::chrono::steady_clock;

// A cut cable or a balancer that forgot us is noticed within 15 s: 5 s of silence, three probes 2 s apart;
// sent data that nobody acknowledges counts as lost after 10 s.
struct Parameter {
  const char* name;
  const char* value;
};
constexpr Parameter kSocket[] = {{"keepalives", "1"},
                                 {"keepalives_idle", "5"},
                                 {"keepalives_interval", "2"},
                                 {"keepalives_count", "3"},
                                 {"tcp_user_timeout", "10000"}};

struct Setting {
  const char* name;
  const char* value;  ///< as SET takes it
  const char* shown;  ///< as current_setting tells it afterwards
  int since = 0;      ///< the first server version that has it
};

// What changes the text of a value or the name of a type, at PostgreSQL's own defaults; and what could end
// our session or a statement of it. Set as statements: poolers drop startup options.
constexpr Setting kSession[] = {
    {"quote_all_identifiers", "off", "off"},  // first: search_path is shown by it
    {"client_encoding", "'UTF8'", "UTF8"},
    {"bytea_output", "'hex'", "hex"},
    {"datestyle", "'ISO, MDY'", "ISO, MDY"},
    {"intervalstyle", "'postgres'", "postgres"},
    {"timezone", "'UTC'", "UTC"},
    {"extra_float_digits", "1", "1"},
    {"lc_monetary", "'C'", "C"},
    {"xmlbinary", "'base64'", "base64"},
    {"search_path", "\"$user\", public", "\"$user\", public"},
    {"standard_conforming_strings", "on", "on"},
    {"client_min_messages", "notice", "notice"},  // warnings tell what is left out
    {"statement_timeout", "0", "0"},
    {"lock_timeout", "0", "0"},
    {"idle_in_transaction_session_timeout", "0", "0"},
    {"idle_session_timeout", "0", "0", 140000},
    {"transaction_timeout", "0", "0", 170000},
};

/// An empty one is left to libpq: a socket's directory, nothing, or PGHOSTADDR in the environment.
Result<std::vector<std::string>> addresses_of(const ConnectOptions& options, steady_clock::time_point until) {
  const std::string& host = options.host;
  if (host.empty() || host.front() == '/' || std::getenv("PGHOSTADDR") != nullptr)
    return std::vector<std::string>{""};
  const net::Resolved found = net::resolve(*options.resolver, host, until, options.stop_fd);
  if (found.stopped) return Error{ErrorKind::stopped, "stopped while connecting to PostgreSQL"};
  std::vector<std::string> addresses;
  for (const net::Address& address : found.answer.addresses) addresses.push_back(address.text());
  if (!addresses.empty()) return addresses;
  return Error{ErrorKind::postgres_unreachable,
               "could not translate host name \"" + host + "\" to an address: " + found.answer.failure};
}

/// Whether another address of the name may do what this one does not.
bool may_try_next(ErrorKind kind) {
  return kind == ErrorKind::postgres_unreachable || kind == ErrorKind::postgres_starting;
}

}  // namespace

Result<std::unique_ptr<Connection>> Connection::open(const ConnectOptions& options, ConnectionKind kind,
                                                     NoticeHandler on_notice) {
  const auto until = steady_clock::now() + options.connect_timeout;
  const Result<std::vector<std::string>> addresses = addresses_of(options, until);
  if (!addresses) return addresses.error();
  // A server in recovery is the answer only where no address leads to a primary.
  Result<std::unique_ptr<Connection>> in_recovery =
      Error{ErrorKind::postgres_unreachable, "no connection to PostgreSQL"};
  for (std::size_t i = 0;; ++i) {
    // An address that swallows everything must not use up the time of the next one.
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - steady_clock::now());
    const auto share = left / static_cast<int>(addresses->size() - i);
    Result<std::unique_ptr<Connection>> connection =
        open_address(options, (*addresses)[i], share, kind, on_notice);
    const bool is_last = i + 1 == addresses->size();
    if (connection && (*connection)->in_recovery() && !is_last) {
      if (!in_recovery) in_recovery = std::move(connection);
      continue;
    }
    if (connection)
      return !in_recovery || !(*connection)->in_recovery() ? std::move(connection) : std::move(in_recovery);
    if (is_last || !may_try_next(connection.error().kind))
      return in_recovery && may_try_next(connection.error().kind) ? std::move(in_recovery)
                                                                  : std::move(connection);
  }
}

Result<std::unique_ptr<Connection>> Connection::open_address(const ConnectOptions& options,
                                                             const std::string& address,
                                                             std::chrono::milliseconds timeout,
                                                             ConnectionKind kind,
                                                             const NoticeHandler& on_notice) {
  const std::string port = std::to_string(options.port);
  std::vector<const char*> names, values;
  const auto add = [&](const char* name, const char* value) {
    names.push_back(name);
    values.push_back(value);
  };
  add("host", options.host.c_str());
  if (!address.empty()) add("hostaddr", address.c_str());
  add("port", port.c_str());
  add("user", options.user.c_str());
  if (!options.password.empty()) add("password", options.password.c_str());
  add("dbname", options.database.c_str());
  add("application_name", options.application_name.c_str());
  if (kind == ConnectionKind::replication) add("replication", "database");
  for (const Parameter& parameter : kSocket) add(parameter.name, parameter.value);
  // Kerberos encryption is looked for first wherever libpq was built with it, and costs every connection a
  // try.
  if (std::getenv("PGGSSENCMODE") == nullptr) add("gssencmode", "disable");
  add(nullptr, nullptr);

  pg_conn* raw = PQconnectStartParams(names.data(), values.data(), 0);
  if (raw == nullptr)
    return Error{ErrorKind::postgres_unreachable, "out of memory for a connection to PostgreSQL"};
  std::unique_ptr<Connection> connection(new Connection(raw, options, kind, on_notice));
  if (Status status = connection->connect(timeout); !status) return status.error();
  if (Status status = connection->settle_session(); !status) return status.error();
  return connection;
}

Status Connection::connect(std::chrono::milliseconds timeout) {
  if (PQstatus(connection_) == CONNECTION_BAD) return last_error();
  // A failed login has no PGresult; only a verbose text carries the SQLSTATE.
  PQsetErrorVerbosity(connection_, PQERRORS_VERBOSE);
  const auto until = steady_clock::now() + timeout;
  for (PostgresPollingStatusType next = PGRES_POLLING_WRITING;;) {
    if (next == PGRES_POLLING_OK) break;
    if (next == PGRES_POLLING_FAILED) return last_error();
    const bool reading = next == PGRES_POLLING_READING;
    switch (net::wait_for_socket(PQsocket(connection_), reading, !reading, stop_fd_, until)) {
      case net::Woken::stopped:
        return Error{ErrorKind::stopped, "stopped while connecting to PostgreSQL"};
      case net::Woken::late:
        return Error{ErrorKind::postgres_unreachable,
                     "PostgreSQL did not answer within " +
                         std::to_string(std::chrono::ceil<std::chrono::seconds>(timeout).count()) + " s"};
      case net::Woken::ready:
        break;
    }
    next = PQconnectPoll(connection_);
  }
  // Nothing may wait inside libpq: waiting is ours, with its deadline.
  if (PQsetnonblocking(connection_, 1) != 0) return last_error();
  return ok();
}

Status Connection::settle_session() {
  std::string set, show = "SELECT pg_catalog.pg_is_in_recovery()";
  std::vector<const Setting*> made;
  for (const Setting& setting : kSession) {
    if (setting.since > server_version()) continue;
    made.push_back(&setting);
    set.append("SET ").append(setting.name).append(" TO ").append(setting.value).append("; ");
    show.append(", pg_catalog.current_setting('").append(setting.name).append("')");
  }
  Result<Rows> rows = query(set + show);
  if (!rows) return rows.error();
  in_recovery_ = rows->truth(0, 0);
  for (int column = 1; column <= static_cast<int>(made.size()); ++column) {
    const Setting& setting = *made[static_cast<std::size_t>(column - 1)];
    if (rows->text(0, column) != setting.shown) {
      return Error{ErrorKind::postgres_pooler, std::string("the session keeps ") + setting.name + " at \"" +
                                                   one_line(rows->text(0, column)) +
                                                   "\" although it was set to \"" + setting.shown + "\""};
    }
  }
  return ok();
}

}  // namespace realtime::postgres
