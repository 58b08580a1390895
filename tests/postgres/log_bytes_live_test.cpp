// What the server gives of its log to a plain role, and what it makes of the odd questions.
#include <thread>

#include <gmock/gmock.h>

#include "postgres/live_server.hpp"
#include "postgres/log_bytes.hpp"
#include "postgres/log_hasher.hpp"
#include "postgres/postgres_slot_server.hpp"
#include "postgres/transaction_status.hpp"

namespace realtime::postgres {
namespace {

using namespace std::chrono_literals;

class LogBytesLive : public LiveServer {
 protected:
  /// A position with so many bytes before it in its segment.
  Lsn position(std::uint64_t bytes = kMostLogBytes) {
    for (;;) {
      sql("SELECT pg_catalog.pg_logical_emit_message(true, 'filler', repeat('x', 20000))");
      const Lsn end = wal_end();
      if (end.value % kSegment >= bytes) return end;
    }
  }
  static std::unique_ptr<Connection> walsender() { return plain(ConnectionKind::replication); }
  std::uint32_t timeline() { return read_server(*super_)->timeline; }
  static constexpr std::uint64_t kSegment = 16 << 20;
};

TEST_F(LogBytesLive, TheSameBytesAreReadAgainWhateverIsWrittenBehindThem) {
  const Lsn at = position();
  const Lsn from{at.value - kMostLogBytes};
  auto connection = walsender();
  const LogRead first = read_log(*connection, from, at, timeline());
  ASSERT_TRUE(first.good()) << first.why;
  EXPECT_EQ(first.bytes.size(), kMostLogBytes);
  for (int i = 0; i < 30; ++i)
    sql("SELECT pg_catalog.pg_logical_emit_message(true, 'filler', repeat('y', 100000))");
  const LogRead again = read_log(*connection, from, at, timeline());
  ASSERT_TRUE(again.good()) << again.why;
  EXPECT_EQ(hash_log_bytes(again.bytes), hash_log_bytes(first.bytes));
  const LogRead other = read_log(*connection, {from.value - 8}, {at.value - 8}, timeline());
  ASSERT_TRUE(other.good()) << other.why;
  EXPECT_NE(hash_log_bytes(other.bytes), hash_log_bytes(first.bytes));
}

// A walsender that has ended a copy of the log would end a slot's stream at once.
TEST_F(LogBytesLive, ASessionStreamsAfterItHasReadTheLog) {
  const Lsn start = make_slot();
  const Lsn at = position();
  SlotServerOptions options;
  options.slot = slot_;
  options.connect = [] { return Result<ConnectOptions>(plain_options()); };
  auto session = PostgresSlotServer(options).connect();
  ASSERT_TRUE(session);
  const auto hash = (*session)->hash_log(at, 2'000, timeline());
  ASSERT_TRUE(hash && *hash) << hash.error().message;
  EXPECT_EQ((*session)->hash_log(at, 2'000, timeline())->value(), **hash);
  EXPECT_TRUE((*session)->server());
  const EchoPlugin plugin(table_);
  auto stream = (*session)->stream_from({start, false}, plugin);
  ASSERT_TRUE(stream) << stream.error().message;
  for (int i = 0; i < 50; ++i) {
    Frame frame;
    const auto drained = (*stream)->drain(frame);
    ASSERT_TRUE(drained) << drained.error().message;
    ASSERT_NE(*drained, Drained::ended);
    std::this_thread::sleep_for(10ms);
  }
}

TEST_F(LogBytesLive, WhatIsNotThereIsSaidAndNotWaitedFor) {
  const std::uint64_t segment = kSegment;
  auto connection = walsender();
  const LogRead gone = read_log(*connection, {segment + 100}, {segment + 2'000}, timeline());
  if (!gone.good()) EXPECT_EQ(gone.refusal, LogRefusal::removed) << gone.why;  // a new server has it still
  connection = walsender();
  const Lsn beyond{wal_end().value + (64 << 20)};
  const LogRead ahead = read_log(*connection, beyond, {beyond.value + 2'000}, timeline(), 500ms);
  EXPECT_FALSE(ahead.good());
  connection = walsender();
  const LogRead nowhere = read_log(*connection, {wal_end().value - 2'000}, wal_end(), 99, 500ms);
  EXPECT_FALSE(nowhere.good());
}

TEST_F(LogBytesLive, AnOrdinaryConnectionGivesNone) {
  auto connection = plain(ConnectionKind::ordinary);
  const Lsn at = position();
  EXPECT_FALSE(read_log(*connection, {at.value - 2'000}, at, timeline()).good());
}

TEST_F(LogBytesLive, TheHasherTellsWhatAReaderReads) {
  const Lsn at = position();
  auto connection = walsender();
  const LogRead read = read_log(*connection, {at.value - kMostLogBytes}, at, timeline());
  ASSERT_TRUE(read.good()) << read.why;
  LogHasher hasher({.connect = [] { return Result<ConnectOptions>(plain_options()); },
                    .timeline = timeline(),
                    .segment_bytes = kSegment});
  LogWitness::Told told = hasher.ask(at);
  for (int i = 0; i < 500 && told.answer == LogWitness::Answer::pending; ++i) {
    std::this_thread::sleep_for(10ms);
    told = hasher.ask(at);
  }
  ASSERT_EQ(told.answer, LogWitness::Answer::known);
  EXPECT_EQ(told.hash, hash_log_bytes(read.bytes));
}

TEST_F(LogBytesLive, TooFewBytesOfASegmentAreNoHashAndTheLogIsMadeLonger) {
  const Lsn begin{(wal_end().value / kSegment + 1) * kSegment};
  LogHasher hasher({.connect = [] { return Result<ConnectOptions>(plain_options()); },
                    .timeline = timeline(),
                    .segment_bytes = kSegment});
  const auto ask = [&hasher](Lsn at) {
    LogWitness::Told told = hasher.ask(at);
    for (int i = 0; i < 500 && told.answer == LogWitness::Answer::pending; ++i) {
      std::this_thread::sleep_for(10ms);
      told = hasher.ask(at);
    }
    return told.answer;
  };
  const Lsn before = wal_end();
  EXPECT_EQ(ask(begin), LogWitness::Answer::too_short);
  EXPECT_EQ(ask({begin.value + kSegment + 100}), LogWitness::Answer::too_short);
  EXPECT_EQ(ask({begin.value + 2 * kSegment}), LogWitness::Answer::too_short);
  for (int i = 0; i < 500 && wal_end().value < before.value + kLeastLogBytes; ++i)
    std::this_thread::sleep_for(10ms);
  EXPECT_GE(wal_end().value, before.value + kLeastLogBytes) << "two segments behind, the log is made longer";
}

TEST(TransactionStatus, TheNewestTransactionOfANumberIsAskedFor) {
  using testing::ElementsAre;
  const std::uint64_t epoch = std::uint64_t{1} << 32;
  EXPECT_THAT(widen_xid(700, 701), ElementsAre(700u));
  EXPECT_THAT(widen_xid(900, 701), ElementsAre(900u)) << "begun, and none after it has ended";
  EXPECT_THAT(widen_xid(700, 2 * epoch + 701), ElementsAre(2 * epoch + 700, epoch + 700));
  EXPECT_THAT(widen_xid(5, 2 * epoch - 3), ElementsAre(2 * epoch + 5, epoch + 5, 5u));
}

TEST_F(LogBytesLive, ATransactionIsCommittedOrNotOrUnknown) {
  auto connection = walsender();
  const auto xid = [this](const std::string& statement) {
    return static_cast<std::uint32_t>(std::stoull(sql(statement)));
  };
  EXPECT_EQ(*read_transaction_status(*connection, xid("SELECT pg_current_xact_id()::xid")),
            TransactionStatus::committed);
  auto open = super();
  ASSERT_TRUE(open->query("BEGIN"));
  auto mine = open->query("SELECT pg_current_xact_id()::xid");
  ASSERT_TRUE(mine);
  const auto number = static_cast<std::uint32_t>(std::stoull(std::string(mine->text(0, 0))));
  EXPECT_EQ(*read_transaction_status(*connection, number), TransactionStatus::in_progress);
  ASSERT_TRUE(open->query("ROLLBACK"));
  EXPECT_EQ(*read_transaction_status(*connection, number), TransactionStatus::aborted);
  EXPECT_EQ(*read_transaction_status(*connection, number + 1'000'000), TransactionStatus::in_future);
  EXPECT_EQ(*read_transaction_status(*connection, 3), TransactionStatus::too_old);
}

}  // namespace
}  // namespace realtime::postgres
