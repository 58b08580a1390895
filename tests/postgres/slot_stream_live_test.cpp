#include <algorithm>
#include <map>

#include <poll.h>
#include <unistd.h>

#include "postgres/live_server.hpp"
#include "postgres/slot_stream.hpp"

namespace realtime::postgres {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

struct Seen {
  bool keepalive;
  Lsn lsn;
  std::string text;
};

class SlotStreamLive : public LiveServer {
 protected:
  Result<std::unique_ptr<SlotStream>> start(SlotStream::Start how, const OutputPlugin& plugin) {
    how.slot = how.slot.empty() ? slot_ : how.slot;
    return SlotStream::start(plain(ConnectionKind::replication), how, plugin);
  }
  std::unique_ptr<SlotStream> stream(SlotStream::Start how = {}) {
    auto started = start(std::move(how), EchoPlugin(table_));
    EXPECT_TRUE(started) << started.error().message;
    return started ? std::move(*started) : nullptr;
  }

  /// Drains until `enough` or ten seconds; empties the frame between drains.
  template <typename Enough>
  std::vector<Seen> drain(SlotStream& from, Enough enough) {
    std::vector<Seen> seen;
    Frame frame;
    const auto until = steady_clock::now() + 10s;
    while (!enough(seen) && steady_clock::now() < until) {
      auto drained = from.drain(frame);
      for (const Frame::Event& event : frame.events()) {
        seen.push_back(
            {event.kind == Frame::Event::Kind::keepalive, event.lsn, std::string(frame.payload(event))});
      }
      frame.clear();
      if (!drained) {
        failure_ = drained.error();
        break;
      }
      if (*drained == Drained::emptied) wait(from);
    }
    return seen;
  }
  std::vector<Seen> messages(SlotStream& from, std::size_t count) {
    auto seen = drain(from, [&](const auto& all) {
      return static_cast<std::size_t>(
                 std::count_if(all.begin(), all.end(), [](auto& one) { return !one.keepalive; })) >= count;
    });
    std::erase_if(seen, [](const Seen& one) { return one.keepalive; });
    EXPECT_EQ(seen.size(), count);
    return seen;
  }
  static void wait(SlotStream& from, int milliseconds = 100) {
    pollfd polled{from.fd(), POLLIN, 0};
    ::poll(&polled, 1, milliseconds);
  }
  void insert(int id) { sql("insert into public." + table_ + " values (" + std::to_string(id) + ", 'v')"); }
  static Lsn field(const Seen& seen, const std::string& name) {
    const auto at = seen.text.find("\"" + name + "\":\"");
    if (at == std::string::npos) return {};
    const auto from = at + name.size() + 4;
    return parse_lsn(seen.text.substr(from, seen.text.find('"', from) - from)).value_or(Lsn{});
  }

  std::optional<Error> failure_;
};

TEST_F(SlotStreamLive, InterleavedTransactionsComeWholeAndInCommitOrder) {
  make_slot();
  auto first = super(), second = super();
  const auto add = [&](Connection& to, int id) {
    ASSERT_TRUE(to.query("insert into public." + table_ + " values (" + std::to_string(id) + ", '')"));
  };
  ASSERT_TRUE(first->query("begin"));
  ASSERT_TRUE(second->query("begin"));
  add(*first, 1);
  add(*second, 2);
  add(*first, 3);
  add(*second, 4);
  ASSERT_TRUE(second->query("commit"));
  ASSERT_TRUE(first->query("commit"));

  auto from = stream({.slot = {}, .at = {}, .transactions = true});
  const auto seen = messages(*from, 8);  // B I I C B I I C
  ASSERT_EQ(seen.size(), 8u);
  std::string actions, ids;
  for (const Seen& one : seen) {
    actions += one.text.at(11);
    const auto at = one.text.find("\"value\":");
    if (at != std::string::npos) ids += one.text.at(at + 8);
  }
  EXPECT_EQ(actions, "BIICBIIC");
  EXPECT_EQ(ids, "2413");
  for (const int row : {1, 2, 5, 6})
    EXPECT_EQ(seen[row].lsn, field(seen[row], "lsn")) << "the start of the row's record";
  for (const int commit : {3, 7}) EXPECT_EQ(seen[commit].lsn, field(seen[commit], "nextlsn"));
  EXPECT_LT(seen[4].lsn, seen[3].lsn) << "the header goes back between transactions";
}

TEST_F(SlotStreamLive, KeepalivesTellHowFarTheServerIs) {
  make_slot();
  auto from = stream();
  insert(1);
  const Lsn end = wal_end();
  const auto seen = drain(
      *from, [&](const auto& all) { return !all.empty() && all.back().keepalive && all.back().lsn >= end; });
  ASSERT_FALSE(seen.empty());
  EXPECT_TRUE(seen.back().keepalive);
  EXPECT_GE(seen.back().lsn, end);
}

TEST_F(SlotStreamLive, AnAskedForReplyComes) {
  make_slot();
  auto from = stream();
  drain(*from, [](const auto& all) { return !all.empty(); });
  Frame frame;
  while (*from->drain(frame) != Drained::emptied) frame.clear();
  frame.clear();
  ASSERT_TRUE(from->send_status({}, {}, true));
  const auto seen = drain(*from, [](const auto& all) { return !all.empty(); });
  EXPECT_TRUE(!seen.empty() && seen.back().keepalive);
}

TEST_F(SlotStreamLive, ALargeMessageIsAdoptedAndTheNextOnesFollow) {
  make_slot();
  constexpr std::size_t kSize = 20 << 20;
  sql("insert into public." + table_ + " values (1, repeat('x', 20 << 20)), (2, 'small')");
  auto from = stream();
  Frame frame;
  const auto until = steady_clock::now() + 30s;
  std::map<std::size_t, std::size_t> sizes;
  while (sizes.size() < 2 && steady_clock::now() < until) {
    auto drained = from->drain(frame);
    ASSERT_TRUE(drained) << drained.error().message;
    for (const Frame::Event& event : frame.events()) {
      if (event.kind != Frame::Event::Kind::message) continue;
      sizes[sizes.size()] = event.length;
      if (event.length > kSize) {
        EXPECT_EQ(event.offset, kXLogDataHeader) << "libpq's own buffer";
        EXPECT_EQ(frame.payload(event).substr(0, 13), "{\"action\":\"I\"");
        EXPECT_GT(frame.footprint(), kSize);
        EXPECT_EQ(frame.events().size(), 1u) << "alone";
        EXPECT_EQ(*drained, Drained::filled);
      }
    }
    frame.clear();
    if (*drained == Drained::emptied) wait(*from);
  }
  ASSERT_EQ(sizes.size(), 2u);
  EXPECT_GT(sizes[0], kSize);
  EXPECT_LT(sizes[1], 1000u);
  EXPECT_EQ(from->largest_message(), sizes[0] + kXLogDataHeader);
}

TEST_F(SlotStreamLive, ADrainEndsWithTheFrameAndNothingIsLostBetweenFrames) {
  make_slot();
  sql("insert into public." + table_ + " select i, repeat('x', 300) from generate_series(1, 5000) i");
  auto from = stream();
  wait(*from, 1000);
  ::usleep(300'000);
  Frame frame;
  ASSERT_EQ(*from->drain(frame), Drained::filled);
  EXPECT_FALSE(frame.has_room(500));
  auto count = static_cast<std::size_t>(
      std::count_if(frame.events().begin(), frame.events().end(),
                    [](const Frame::Event& event) { return event.kind == Frame::Event::Kind::message; }));
  const auto seen = messages(*from, 5000 - count);
  for (const Seen& one : seen) {
    ++count;
    ASSERT_NE(one.text.find("\"value\":" + std::to_string(count) + "}"), std::string::npos) << count;
  }
}

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
  const auto start = steady_clock::now();
  from->close();
  EXPECT_LT(steady_clock::now() - start, 100ms);
  EXPECT_EQ(from->fd(), -1);
  while (slot_facts().active && steady_clock::now() - start < 5s) ::usleep(5'000);
  EXPECT_LT(steady_clock::now() - start, 1s);
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

}  // namespace
}  // namespace realtime::postgres
