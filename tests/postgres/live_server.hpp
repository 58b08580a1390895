#pragma once

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "realtime/output_plugin.hpp"

#include "postgres/connection.hpp"
#include "postgres/slot.hpp"

namespace realtime::postgres {

/// A test on the PostgreSQL of scripts/with_servers: acts as the plain role with only LOGIN and REPLICATION,
/// makes things as the superuser. Each test has a table and a slot name of its own; both are gone after it.
class LiveServer : public ::testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  static ConnectOptions options(const std::string& user);
  static ConnectOptions plain_options();
  /// Connects or fails the test.
  static std::unique_ptr<Connection> connect(const ConnectOptions& options, ConnectionKind kind);
  static std::unique_ptr<Connection> plain(ConnectionKind kind) { return connect(plain_options(), kind); }
  static std::unique_ptr<Connection> super();

  /// Runs statements as the superuser, each call its own transaction; gives the first value.
  std::string sql(const std::string& statement);
  /// Makes slot_ over the replication protocol, as the plain role.
  Lsn make_slot(const std::string& plugin = "wal2json");
  SlotFacts slot_facts();
  Lsn wal_end();

  std::unique_ptr<Connection> super_;
  std::string table_;  ///< in schema public: id int primary key, t text
  std::string slot_;
};

/// wal2json with every message handed on as it is.
class EchoPlugin final : public OutputPlugin {
 public:
  explicit EchoPlugin(std::string table, std::string more = "")
      : table_(std::move(table)), more_(std::move(more)) {}
  std::string_view name() const override { return "wal2json"; }
  std::string start_options(bool transactions) const override {
    return "(\"format-version\" '2', \"include-transaction\" '" + std::to_string(transactions ? 1 : 0) +
           "', \"include-lsn\" '1', \"include-xids\" '1', \"add-tables\" 'public." + table_ + "'" + more_ +
           ")";
  }
  std::unique_ptr<Framer> make_framer() const override;
  std::unique_ptr<Decoder> make_decoder() const override { return nullptr; }

 private:
  std::string table_, more_;
};

}  // namespace realtime::postgres
