#include <thread>

#include <arpa/inet.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "postgres/connection.hpp"
#include "postgres/live_server.hpp"
#include "support/stopwatch.hpp"

namespace realtime::postgres {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

class ConnectionLive : public LiveServer {
 protected:
  static ErrorKind refusal(const ConnectOptions& options, ConnectionKind kind) {
    auto connection = Connection::open(options, kind);
    return connection ? ErrorKind::stopped : connection.error().kind;
  }
};

/// Accepts connections and never says a word.
struct SilentServer {
  int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  int port = 0;
  SilentServer() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(fd, 4), 0);
    ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
    port = ntohs(address.sin_port);
  }
  ~SilentServer() { ::close(fd); }
};

TEST_F(ConnectionLive, TheSessionDoesNotDependOnTheRole) {
  const std::string role = "r_" + table_;
  sql("create role " + role + " login replication");
  for (const char* set : {"bytea_output = 'escape'", "datestyle = 'German'", "intervalstyle = 'iso_8601'",
                          "timezone = 'America/New_York'", "extra_float_digits = 0", "xmlbinary = 'hex'",
                          "search_path = 'nowhere'", "quote_all_identifiers = on", "statement_timeout = '1h'",
                          "idle_session_timeout = '1h'", "client_encoding = 'LATIN1'"}) {
    sql("alter role " + role + " set " + set);
  }
  for (const ConnectionKind kind : {ConnectionKind::ordinary, ConnectionKind::replication}) {
    auto connection = connect(options(role), kind);
    ASSERT_TRUE(connection);
    auto rows = connection->query(
        "select '\\x00ff'::bytea, '2024-01-02'::date, '1 day 2 hours'::interval, '2024-01-02 "
        "00:00+00'::timestamptz, "
        "current_setting('search_path'), format_type('name'::regtype, -1), "
        "current_setting('statement_timeout')");
    ASSERT_TRUE(rows) << rows.error().message;
    const char* expected[] = {
        "\\x00ff", "2024-01-02", "1 day 02:00:00", "2024-01-02 00:00:00+00", "\"$user\", public",
        "name",    "0"};
    for (int column = 0; column < 7; ++column) EXPECT_EQ(rows->text(0, column), expected[column]);
  }
  sql("drop role " + role);
}

TEST_F(ConnectionLive, RefusalsHaveTheirKinds) {
  ConnectOptions wrong = plain_options();
  wrong.database = "ghost";
  EXPECT_EQ(refusal(wrong, ConnectionKind::replication), ErrorKind::postgres_authentication);
  wrong = plain_options();
  wrong.user = "ghost";
  EXPECT_EQ(refusal(wrong, ConnectionKind::ordinary), ErrorKind::postgres_authentication);
  wrong = plain_options();
  wrong.port = 1;
  EXPECT_EQ(refusal(wrong, ConnectionKind::ordinary), ErrorKind::postgres_unreachable);
  sql("create role r_" + table_ + " login");
  EXPECT_EQ(refusal(options("r_" + table_), ConnectionKind::replication), ErrorKind::postgres_right_missing);
  sql("drop role r_" + table_);
}

TEST_F(ConnectionLive, ANameIsResolvedAndANameThatIsNoneIsUnreachable) {
  ConnectOptions named = plain_options();
  if (named.host == "127.0.0.1") named.host = "localhost";
  EXPECT_TRUE(connect(named, ConnectionKind::ordinary));
  named.host = "nowhere.invalid";
  auto connection = Connection::open(named, ConnectionKind::ordinary);
  ASSERT_FALSE(connection);
  EXPECT_EQ(connection.error().kind, ErrorKind::postgres_unreachable);
  EXPECT_NE(connection.error().message.find("nowhere.invalid"), std::string::npos)
      << connection.error().message;
}

TEST_F(ConnectionLive, ASilentServerIsGivenUpInTime) {
  SilentServer server;
  ConnectOptions silent = plain_options();
  silent.host = "127.0.0.1";
  silent.port = server.port;
  silent.connect_timeout = 200ms;
  const Stopwatch watch;
  EXPECT_EQ(refusal(silent, ConnectionKind::ordinary), ErrorKind::postgres_unreachable);
  EXPECT_LT(watch.elapsed(), 2s);
}

TEST_F(ConnectionLive, AStopEndsConnectingAndWaiting) {
  const int stop = ::eventfd(0, 0);
  const auto stop_soon = [&] {
    return std::thread([&] {
      ::usleep(100'000);
      ::eventfd_write(stop, 1);
    });
  };
  SilentServer server;
  ConnectOptions stopped = plain_options();
  stopped.stop_fd = stop;
  ConnectOptions silent = stopped;
  silent.host = "127.0.0.1";
  silent.port = server.port;
  const Stopwatch watch;
  std::thread stopper = stop_soon();
  EXPECT_EQ(refusal(silent, ConnectionKind::ordinary), ErrorKind::stopped);
  stopper.join();
  eventfd_t count;
  ::eventfd_read(stop, &count);

  auto connection = connect(stopped, ConnectionKind::ordinary);
  ASSERT_TRUE(connection);
  stopper = stop_soon();
  auto rows = connection->query("select pg_sleep(30)", {std::nullopt, {}, true});
  stopper.join();
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().kind, ErrorKind::stopped);
  EXPECT_FALSE(connection->usable());
  EXPECT_LT(watch.elapsed(), 3s);
  ::close(stop);
}

TEST_F(ConnectionLive, ALateAnswerIsNotWaitedFor) {
  auto connection = plain(ConnectionKind::ordinary);
  int ticks = 0;
  auto rows = connection->query("select pg_sleep(30)", {1300ms, [&] { ++ticks; }, true});
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().kind, ErrorKind::postgres_unreachable);
  EXPECT_EQ(ticks, 1);
  EXPECT_FALSE(connection->query("select 1"));
}

TEST_F(ConnectionLive, AFailedStatementLeavesTheConnectionUsable) {
  auto connection = plain(ConnectionKind::replication);
  auto rows = connection->query("select nonsense()");
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().kind, ErrorKind::postgres_protocol);
  EXPECT_NE(rows.error().message.find("42883"), std::string::npos) << rows.error().message;
  auto one = connection->query("select 1, null");
  ASSERT_TRUE(one);
  EXPECT_EQ(one->text(0, 0), "1");
  EXPECT_FALSE(one->value(0, 1));
  EXPECT_FALSE(one->value(0, 2)) << "no such column";
  EXPECT_FALSE(one->value(1, 0)) << "no such row";
}

TEST_F(ConnectionLive, NoticesGoToTheirHandler) {
  std::string heard;
  auto connection = Connection::open(plain_options(), ConnectionKind::ordinary, [&](const Notice& notice) {
    heard += std::string(notice.severity) + " " + std::string(notice.message);
  });
  ASSERT_TRUE(connection);
  ASSERT_TRUE((*connection)->query("do $$ begin raise warning 'careful'; end $$"));
  EXPECT_EQ(heard, "WARNING careful");
}

TEST_F(ConnectionLive, ATerminatedBackendIsUnreachable) {
  auto connection = plain(ConnectionKind::ordinary);
  sql("select pg_terminate_backend(" + std::to_string(connection->backend_pid()) + ", 5000)");
  auto rows = connection->query("select 1");
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().kind, ErrorKind::postgres_unreachable) << rows.error().message;
  EXPECT_FALSE(connection->usable());
}

}  // namespace
}  // namespace realtime::postgres
