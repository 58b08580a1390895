// What a stream gives: order, positions, keepalives, frames.

#include <algorithm>
#include <map>

#include <unistd.h>

#include "postgres/slot_stream.hpp"
#include "postgres/slot_stream_fixture.hpp"

namespace realtime::postgres {
namespace {

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
  // B I I C B I I C; others in this database (autovacuum) have transactions without rows of ours
  const auto seen = transactions_with_rows(*from, 8);
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
  Drained drained = Drained::emptied;
  for (int i = 0; i < 100 && drained == Drained::emptied; ++i) {  // the socket holds less than a frame
    drained = *from->drain(frame);
    wait(*from);
  }
  ASSERT_EQ(drained, Drained::filled);
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

}  // namespace
}  // namespace realtime::postgres
