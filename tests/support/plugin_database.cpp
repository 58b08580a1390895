#include "support/plugin_database.hpp"

#include <atomic>
#include <cstdlib>

#include <unistd.h>

namespace realtime::test {
namespace {

std::string env(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : otherwise;
}

/// ("a" '1', "b" '2') as arguments of an SQL function: , 'a', '1', 'b', '2'. Values keep their quoting, which
/// is that of SQL strings too.
std::string as_arguments(const std::string& options) {
  std::string out = ", ";
  bool in_value = false;
  for (const char c : options.substr(1, options.size() - 2)) {
    if (c == '\'') in_value = !in_value;
    if (c == '"' && !in_value) {
      out += '\'';
    } else if (c == ' ' && !in_value && out.back() == '\'') {
      out += ", ";
    } else {
      out += c;
    }
  }
  return out;
}

std::string from_hex(std::string_view hex) {
  std::string out(hex.size() / 2, '\0');
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<char>(std::stoi(std::string(hex.substr(2 * i, 2)), nullptr, 16));
  }
  return out;
}

}  // namespace

std::unique_ptr<postgres::Connection> PluginDatabase::connect(const std::string& database) {
  postgres::ConnectOptions options;
  options.host = env("TEST_PG_HOST", "127.0.0.1");
  options.port = std::atoi(env("TEST_PG_PORT", "5432").c_str());
  options.user = env("TEST_PG_SUPERUSER", "postgres");
  options.database = database;
  options.application_name = "test";
  auto opened = postgres::Connection::open(options, postgres::ConnectionKind::ordinary);
  EXPECT_TRUE(opened) << opened.error().message;
  return opened ? std::move(*opened) : nullptr;
}

void PluginDatabase::SetUp() {
  if (env("TEST_SERVERS", "").empty()) GTEST_SKIP() << "run by scripts/with_servers";
  static std::atomic<int> count{0};
  suffix_ = std::to_string(::getpid()) + "_" + std::to_string(++count);
  database_ = "plugin_" + suffix_;
  connection_ = connect(env("TEST_PG_DATABASE", "test"));
  ASSERT_TRUE(connection_);
  sql("create database " + database_ +
      " template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C.UTF-8'");
  connection_ = connect(database_);
  ASSERT_TRUE(connection_);
}

void PluginDatabase::TearDown() {
  if (!connection_) return;
  sql("select pg_drop_replication_slot(slot_name) from pg_replication_slots where database = "
      "current_database()");
  connection_ = connect(env("TEST_PG_DATABASE", "test"));
  if (connection_) sql("drop database " + database_ + " with (force)");
}

std::string PluginDatabase::sql(const std::string& statements) {
  auto rows = connection_->query(statements, {std::chrono::seconds(300)});
  EXPECT_TRUE(rows) << rows.error().message << "\nin " << statements.substr(0, 300);
  return rows ? std::string(rows->text(0, 0)) : "";
}

void PluginDatabase::make_slot(const std::string& slot, const std::string& plugin) {
  sql("select pg_create_logical_replication_slot('" + slot + "_" + suffix_ + "', '" + plugin + "')");
}

std::vector<SlotMessage> PluginDatabase::peek(const std::string& slot, const std::string& options,
                                              bool binary) {
  std::vector<SlotMessage> messages;
  const std::string call =
      std::string(binary ? "pg_logical_slot_peek_binary_changes" : "pg_logical_slot_peek_changes") + "('" +
      slot + "_" + suffix_ + "', null, null" + as_arguments(options) + ")";
  auto rows = connection_->query(
      std::string("select lsn, ") + (binary ? "encode(data, 'hex')" : "data") + " from " + call,
      {std::chrono::seconds(300)});
  EXPECT_TRUE(rows) << rows.error().message << "\nin " << call;
  for (int row = 0; rows && row < rows->count(); ++row) {
    const std::string_view data = rows->text(row, 1);
    messages.push_back({*parse_lsn(rows->text(row, 0)), binary ? from_hex(data) : std::string(data)});
  }
  return messages;
}

}  // namespace realtime::test
