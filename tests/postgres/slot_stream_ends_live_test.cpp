// How a stream begins, is confirmed and ends.

#include <unistd.h>

#include "postgres/slot_stream.hpp"
#include "postgres/slot_stream_fixture.hpp"
#include "support/stopwatch.hpp"

namespace realtime::postgres {
namespace {

TEST_F(SlotStreamLive, WhatCannotBeStreamedHasItsKind) {
  const EchoPlugin plugin(table_);
  EXPECT_EQ(start({.slot = "nope_" + slot_, .at = {}}, plugin).error().kind, ErrorKind::slot_missing);
  make_slot("test_decoding");
  EXPECT_EQ(start({}, plugin).error().kind, ErrorKind::slot_unsuitable);
  sql("select pg_drop_replication_slot('" + slot_ + "')");
  make_slot();
  auto owner = stream();
  const auto second = start({}, plugin);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::slot_active) << second.error().message;
}

TEST_F(SlotStreamLive, AConfirmationMovesTheSlotAndNeverBack) {
  make_slot();
  insert(1);
  insert(2);
  auto from = stream({.slot = {}, .at = {}, .transactions = true});
  const auto seen = messages(*from, 6);
  const Lsn early = seen[2].lsn, late = seen[5].lsn;
  const auto confirmed_becomes = [&](Lsn lsn) {
    for (int i = 0; i < 100 && slot_facts().confirmed_flush_lsn != lsn; ++i) ::usleep(10'000);
    return slot_facts().confirmed_flush_lsn == lsn;
  };
  ASSERT_TRUE(from->send_status(late, early, false));
  EXPECT_TRUE(confirmed_becomes(early));
  ASSERT_TRUE(from->send_status(late, late, false));
  EXPECT_TRUE(confirmed_becomes(late));
  ASSERT_TRUE(from->send_status(late, early, false));
  ::usleep(100'000);
  EXPECT_EQ(slot_facts().confirmed_flush_lsn, late);
}

TEST_F(SlotStreamLive, AnUnheardOfConfirmationIsOurOwnFault) {
  make_slot();
  auto from = stream();
  EXPECT_DEATH((void)from->send_status(Lsn{~0ull}, Lsn{~0ull}, false), "the server has not spoken of");
}

TEST_F(SlotStreamLive, AStartBeyondTheConfirmedPositionIsHonoured) {
  make_slot();
  for (const int id : {1, 2, 3}) insert(id);
  Lsn second_end;
  {
    auto from = stream({.slot = {}, .at = {}, .transactions = true});
    second_end = messages(*from, 9)[5].lsn;
  }
  for (int i = 0; i < 100 && slot_facts().active; ++i) ::usleep(10'000);
  EXPECT_LT(slot_facts().confirmed_flush_lsn, second_end);
  auto from = stream({.slot = {}, .at = second_end});
  const auto seen = messages(*from, 1);
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_NE(seen[0].text.find("\"value\":3}"), std::string::npos) << seen[0].text;
}

TEST_F(SlotStreamLive, ATerminatedWalsenderIsSaidAndStaysSaid) {
  make_slot();
  auto from = stream();
  sql("select pg_terminate_backend(" + std::to_string(from->backend_pid()) + ", 5000)");
  drain(*from, [](const auto&) { return false; });
  ASSERT_TRUE(failure_);
  EXPECT_EQ(failure_->kind, ErrorKind::postgres_unreachable);
  EXPECT_NE(failure_->message.find("57P01"), std::string::npos) << failure_->message;
  Frame frame;
  EXPECT_FALSE(from->drain(frame));
  EXPECT_FALSE(from->send_status({}, {}, false));
}

TEST_F(SlotStreamLive, AClosedStreamFreesTheSlotAtOnceEvenWithMuchUnread) {
  make_slot();
  sql("insert into public." + table_ + " select i, repeat('x', 300) from generate_series(1, 100000) i");
  auto from = stream();
  wait(*from, 5000);
  const Stopwatch watch;
  from->close();
  EXPECT_LT(watch.elapsed(), 100ms);
  EXPECT_EQ(from->fd(), -1);
  const auto start = steady_clock::now();
  while (slot_facts().active && steady_clock::now() - start < 60s) ::usleep(5'000);
  EXPECT_FALSE(slot_facts().active);
}

TEST_F(SlotStreamLive, ARowLeftOutForLackOfIdentityIsNamed) {
  sql("alter table public." + table_ + " drop constraint " + table_ + "_pkey");
  make_slot();
  insert(1);
  sql("update public." + table_ + " set t = 'w'");
  sql("delete from public." + table_);
  insert(2);
  std::vector<std::string> left_out;
  auto from = stream(
      {.slot = {}, .at = {}, .transactions = false, .dropped_without_identity = [&](std::string_view table) {
         left_out.emplace_back(table);
       }});
  messages(*from, 2);
  EXPECT_EQ(left_out, std::vector<std::string>(2, "\"public\".\"" + table_ + "\""));
}

// PostgreSQL 18 leaves the changes out with a warning, where older servers fail: the same end here.
TEST_F(SlotStreamLive, ChangesThatAPublicationWasTooYoungForEndTheStream) {
  make_slot();
  auto connection = plain(ConnectionKind::replication);
  Connection& server = *connection;
  auto started = SlotStream::start(std::move(connection), {.slot = slot_, .at = {}}, EchoPlugin(table_));
  ASSERT_TRUE(started) << started.error().message;
  server.notice_handler()({"WARNING", "55000", "skipped loading publication \"p\""});
  insert(1);
  const auto seen = drain(**started, [](const auto& all) { return !all.empty(); });
  EXPECT_TRUE(seen.empty());
  ASSERT_TRUE(failure_);
  EXPECT_EQ(failure_->kind, ErrorKind::postgres_publication);
}

}  // namespace
}  // namespace realtime::postgres
