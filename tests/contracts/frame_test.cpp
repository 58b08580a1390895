#include "realtime/frame.hpp"

#include <cstring>

#include <gtest/gtest.h>

namespace realtime {
namespace {

void add(Frame& frame, const std::string& text, std::uint64_t lsn = 1) {
  constexpr std::size_t kHeader = 25;
  MallocBuffer buffer(static_cast<char*>(std::malloc(kHeader + text.size())));
  std::memcpy(buffer.get() + kHeader, text.data(), text.size());
  frame.add_message({{lsn}, 9, {buffer.get() + kHeader, text.size()}, &buffer}, 7);
}

TEST(Frame, KeepsMessagesInOrderWithRoomAroundThem) {
  Frame frame;
  for (int i = 0; i < 100; ++i) add(frame, "message " + std::to_string(i), static_cast<std::uint64_t>(i));
  frame.add_keepalive({1'000});
  ASSERT_EQ(frame.events().size(), 101u);
  std::size_t end = 0;
  for (int i = 0; i < 100; ++i) {
    const Frame::Event& event = frame.events()[static_cast<std::size_t>(i)];
    EXPECT_EQ(frame.payload(event), "message " + std::to_string(i));
    EXPECT_GE(event.offset, end + Frame::kHeadroom);
    EXPECT_EQ(event.xid, 7u);
    end = event.offset + event.length + Frame::kTailroom;
  }
  EXPECT_EQ(frame.events().back().kind, Frame::Event::Kind::keepalive);
  EXPECT_EQ(frame.sent_at_us, 9);
}

TEST(Frame, IsFullToTheLastByteAndNoFurther) {
  constexpr std::size_t kMost = Frame::kCapacity - Frame::kHeadroom - Frame::kTailroom;
  Frame frame;
  ASSERT_TRUE(frame.has_room(kMost));
  add(frame, std::string(kMost, 'x'));
  EXPECT_LT(frame.footprint(), Frame::kCapacity + 1'000) << "it still fits the arena";
  EXPECT_FALSE(frame.has_room(0));
}

TEST(Frame, TakesALargeMessageOnlyAlone) {
  const std::string large(Frame::kCapacity, 'x');
  Frame frame;
  add(frame, "small");
  EXPECT_FALSE(frame.has_room(large.size()));
  frame.clear();
  ASSERT_TRUE(frame.has_room(large.size()));
  add(frame, large);
  EXPECT_EQ(frame.payload(frame.events()[0]), large);
  EXPECT_GE(frame.events()[0].offset, Frame::kHeadroom);
  EXPECT_FALSE(frame.has_room(0));
  EXPECT_GT(frame.footprint(), 2 * Frame::kCapacity);
  frame.clear();
  EXPECT_LT(frame.footprint(), Frame::kCapacity + 1'000) << "its memory is given back";
  EXPECT_TRUE(frame.has_room(0));
}

TEST(Frame, MovesALargeMessageOnWithoutItsArena) {
  const std::string large(Frame::kCapacity, 'x');
  Frame frame, small(frame.fitting_arena());
  add(frame, large);
  frame.move_to(small);
  EXPECT_EQ(small.payload(small.events()[0]), large);
  EXPECT_LT(small.footprint(), large.size() + 5'000);
  EXPECT_TRUE(frame.empty());
  EXPECT_TRUE(frame.has_room(0));
}

TEST(Frame, GivesAMessageWithoutItsHeadAndTail) {
  Frame frame;
  const std::string run = "$5\r\nhello\r\n$0\r\n\r\n";
  frame.encoded = run.data();
  EXPECT_EQ(frame.message({0, 11, 0, 0, {}}), "hello");
  EXPECT_EQ(frame.message({11, 6, 0, 0, {}}), "");
  EXPECT_EQ(frame.message({11, 0, 0, 0, {}}), "");
}

TEST(Frame, ForgetsEverythingWhenCleared) {
  Frame frame;
  add(frame, "text");
  frame.changes.emplace_back();
  frame.marks.emplace_back();
  frame.reply_requested = true;
  frame.schema = std::make_shared<int>(1);
  frame.output = "x";
  frame.clear();
  EXPECT_TRUE(frame.empty() && frame.changes.empty() && frame.marks.empty() && frame.output.empty());
  EXPECT_FALSE(frame.reply_requested || frame.schema || frame.encoded || frame.sent_at_us);
}

}  // namespace
}  // namespace realtime
