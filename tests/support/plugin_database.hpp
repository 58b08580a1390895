#pragma once

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "postgres/connection.hpp"
#include "support/wal_messages.hpp"

namespace realtime::test {

/// A database of its own on the server of scripts/with_servers, so that its slots see what this test did and
/// nothing else. Reads slots by pg_logical_slot_peek_changes, which needs no replication connection and gives
/// the same bytes. Skips without servers; the database and its slots are gone after the test.
class PluginDatabase : public ::testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  /// Runs statements, each string its own transaction; gives the first value of the last.
  std::string sql(const std::string& statements);
  void run(const std::vector<std::string>& transactions) {
    for (const std::string& statements : transactions) sql(statements);
  }
  void make_slot(const std::string& slot, const std::string& plugin);
  /// What the slot holds, in stream order; `options` as START_REPLICATION takes them: ("a" '1', "b" '2').
  std::vector<SlotMessage> peek(const std::string& slot, const std::string& options, bool binary = false);

  std::unique_ptr<postgres::Connection> connection_;

 private:
  static std::unique_ptr<postgres::Connection> connect(const std::string& database);
  std::string database_, suffix_;
};

}  // namespace realtime::test
