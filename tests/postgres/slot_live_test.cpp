#include <thread>

#include <sys/eventfd.h>
#include <unistd.h>

#include "postgres/live_server.hpp"
#include "postgres/slot.hpp"
#include "support/stopwatch.hpp"

namespace realtime::postgres {
namespace {

using namespace std::chrono_literals;

class SlotLive : public LiveServer {};

TEST_F(SlotLive, AMissingSlotIsAFactAndNoError) {
  auto connection = plain(ConnectionKind::ordinary);
  auto facts = read_slot(*connection, slot_);
  ASSERT_TRUE(facts);
  EXPECT_FALSE(facts->exists);
  auto lag = read_lag(*connection, slot_);
  ASSERT_TRUE(lag) << lag.error().message;
  EXPECT_FALSE(lag->slot.exists);
  EXPECT_TRUE(lag->wal_end);
}

TEST_F(SlotLive, AMadeSlotTellsItsFactsOverBothKindsOfConnection) {
  const Lsn consistent = make_slot();
  ASSERT_TRUE(consistent);
  for (const ConnectionKind kind : {ConnectionKind::ordinary, ConnectionKind::replication}) {
    auto connection = plain(kind);
    auto facts = read_slot(*connection, slot_);
    ASSERT_TRUE(facts) << facts.error().message;
    EXPECT_TRUE(facts->exists);
    EXPECT_EQ(facts->plugin, "wal2json");
    EXPECT_EQ(facts->slot_type, "logical");
    EXPECT_EQ(facts->database, plain_options().database);
    EXPECT_FALSE(facts->active);
    EXPECT_EQ(facts->active_pid, 0);
    EXPECT_EQ(facts->confirmed_flush_lsn, consistent);
    EXPECT_TRUE(facts->restart_lsn);
    EXPECT_EQ(facts->wal_status, "reserved");
    EXPECT_FALSE(facts->temporary);
    EXPECT_FALSE(facts->two_phase);
  }
}

TEST_F(SlotLive, TheServerTellsItsFactsOverBothKindsOfConnection) {
  const std::string system = sql("select system_identifier from pg_control_system()");
  for (const ConnectionKind kind : {ConnectionKind::ordinary, ConnectionKind::replication}) {
    auto connection = plain(kind);
    const Lsn before = wal_end();
    auto facts = read_server(*connection);
    ASSERT_TRUE(facts) << facts.error().message;
    EXPECT_EQ(std::to_string(facts->system_identifier), system);
    EXPECT_EQ(facts->timeline, 1u);
    EXPECT_GE(facts->wal_end, before);
    EXPECT_FALSE(facts->in_recovery);
    EXPECT_EQ(facts->version, connection->server_version());
    EXPECT_EQ(facts->encoding, "UTF8");
    EXPECT_EQ(facts->wal_level, "logical");
  }
}

TEST_F(SlotLive, TheOwnersTimeoutIsSetForTheSessionAlone) {
  auto connection = plain(ConnectionKind::replication);
  const auto before = read_server(*connection)->wal_sender_timeout;
  ASSERT_TRUE(set_wal_sender_timeout(*connection, 7s));
  EXPECT_EQ(connection->query("select current_setting('wal_sender_timeout')")->text(0, 0), "7s");
  EXPECT_EQ(read_server(*connection)->wal_sender_timeout, before) << "the server's own is still told";
}

TEST_F(SlotLive, WhatCannotBeMadeHasItsKind) {
  auto connection = plain(ConnectionKind::replication);
  EXPECT_EQ(create_slot(*connection, "Bad-Name", "wal2json").error().kind, ErrorKind::wrong_setting);
  EXPECT_EQ(create_slot(*connection, "s\"; drop", "wal2json").error().kind, ErrorKind::wrong_setting);
  const ErrorKind unknown = create_slot(*connection, slot_, "nosuch").error().kind;
  EXPECT_TRUE(unknown == ErrorKind::postgres_plugin_refused || unknown == ErrorKind::postgres_plugin_missing);
  ASSERT_TRUE(create_slot(*connection, slot_, "wal2json"));
  EXPECT_EQ(create_slot(*connection, slot_, "wal2json").error().kind, ErrorKind::slot_active)
      << "made by another";
}

TEST_F(SlotLive, ADroppedSlotIsGone) {
  make_slot();
  auto connection = plain(ConnectionKind::ordinary);
  ASSERT_TRUE(drop_slot(*connection, slot_));
  EXPECT_FALSE(slot_facts().exists);
  EXPECT_EQ(drop_slot(*connection, slot_).error().kind, ErrorKind::slot_missing);
}

TEST_F(SlotLive, MakingOneWaitsForOpenTransactionsAndSaysSo) {
  auto writer = super();
  ASSERT_TRUE(writer->query("begin; insert into public." + table_ + " values (1, 'open')"));
  auto connection = plain(ConnectionKind::replication);
  int ticks = 0;
  auto made = create_slot(*connection, slot_, "wal2json", [&] {
    ++ticks;
    EXPECT_TRUE(writer->query("commit"));
  });
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_GE(ticks, 1);
  EXPECT_TRUE(connection->usable());
}

TEST_F(SlotLive, AStopWhileMakingOneLeavesNoSlotBehind) {
  auto writer = super();
  ASSERT_TRUE(writer->query("begin; insert into public." + table_ + " values (1, 'open')"));
  const int stop = ::eventfd(0, 0);
  ConnectOptions stoppable = plain_options();
  stoppable.stop_fd = stop;
  auto connection = connect(stoppable, ConnectionKind::replication);
  std::thread stopper([&] {
    ::usleep(200'000);
    ::eventfd_write(stop, 1);
  });
  const Stopwatch watch;
  auto made = create_slot(*connection, slot_, "wal2json");
  stopper.join();
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().kind, ErrorKind::stopped);
  connection.reset();
  EXPECT_LT(watch.elapsed(), 2s);
  for (int i = 0; i < 3'000 && slot_facts().exists; ++i) ::usleep(20'000);
  EXPECT_FALSE(slot_facts().exists) << "although the transaction is still open";
  ASSERT_TRUE(writer->query("rollback"));
  ::close(stop);
}

TEST_F(SlotLive, TheLagIsWhatIsNotConfirmed) {
  make_slot();
  auto connection = plain(ConnectionKind::ordinary);
  sql("insert into public." + table_ + " select i, repeat('x', 100) from generate_series(1, 1000) i");
  auto lag = read_lag(*connection, slot_);
  ASSERT_TRUE(lag) << lag.error().message;
  EXPECT_GT(lag->behind_bytes(), 100'000u);
  EXPECT_GE(lag->held_bytes(), lag->behind_bytes());
}

}  // namespace
}  // namespace realtime::postgres
