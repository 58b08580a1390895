#include "postgres/live_server.hpp"

#include <atomic>

#include <unistd.h>

namespace realtime::postgres {
namespace {

std::string env(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

class EchoFramer final : public Framer {
 public:
  Status add(const WalMessage& message, Frame& frame) override {
    frame.add_message(message);
    return ok();
  }
};

}  // namespace

std::unique_ptr<Framer> EchoPlugin::make_framer() const {
  return std::make_unique<EchoFramer>();
}

void LiveServer::SetUp() {
  if (env("TEST_SERVERS").empty() && env("TEST_PG_HOST").empty())
    GTEST_SKIP() << "run by scripts/with_servers";
  static std::atomic<int> count{0};
  const std::string own = std::to_string(::getpid()) + "_" + std::to_string(++count);
  table_ = "t_" + own;
  slot_ = "s_" + own;
  super_ = super();
  ASSERT_TRUE(super_);
  sql("create table public." + table_ + " (id int primary key, t text)");
}

void LiveServer::TearDown() {
  if (!super_) return;
  // A process that was left behind by the test gives the slot up soon.
  for (int i = 0; i < 100 && slot_facts().active; ++i) ::usleep(20'000);
  sql("select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = '" + slot_ +
      "'");
  sql("drop table if exists public." + table_);
}

ConnectOptions LiveServer::options(const std::string& user) {
  ConnectOptions options;
  options.host = env("TEST_PG_HOST");
  options.port = std::atoi(env("TEST_PG_PORT").c_str());
  options.user = user;
  options.database = env("TEST_PG_DATABASE").empty() ? "test" : env("TEST_PG_DATABASE");
  options.application_name = "hash-realtime/1.0.0 cafe";
  return options;
}

ConnectOptions LiveServer::plain_options() {
  return options(env("TEST_PG_USER"));
}

std::unique_ptr<Connection> LiveServer::connect(const ConnectOptions& options, ConnectionKind kind) {
  auto connection = Connection::open(options, kind);
  EXPECT_TRUE(connection) << connection.error().message;
  return connection ? std::move(*connection) : nullptr;
}

std::unique_ptr<Connection> LiveServer::super() {
  const std::string user = env("TEST_PG_SUPERUSER");
  ConnectOptions as = options(user.empty() ? "postgres" : user);
  as.application_name = "test";
  return connect(as, ConnectionKind::ordinary);
}

std::string LiveServer::sql(const std::string& statement) {
  auto rows = super_->query(statement, {std::chrono::seconds(300)});
  EXPECT_TRUE(rows) << rows.error().message;
  return rows ? std::string(rows->text(0, 0)) : "";
}

Lsn LiveServer::make_slot(const std::string& plugin) {
  auto connection = plain(ConnectionKind::replication);
  auto made = create_slot(*connection, slot_, plugin);
  EXPECT_TRUE(made) << made.error().message;
  return made ? *made : Lsn{};
}

SlotFacts LiveServer::slot_facts() {
  auto facts = read_slot(*super_, slot_);
  EXPECT_TRUE(facts) << facts.error().message;
  return facts ? *facts : SlotFacts{};
}

Lsn LiveServer::wal_end() {
  return parse_lsn(sql("select pg_current_wal_flush_lsn()")).value_or(Lsn{});
}

}  // namespace realtime::postgres
