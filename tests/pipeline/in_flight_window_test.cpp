#include "pipeline/in_flight_window.hpp"

#include <gtest/gtest.h>

namespace realtime {
namespace {

std::uint64_t claim(InFlightWindow& window) {
  return window.claim(window.spare_frame());
}
std::uint64_t claim_small(InFlightWindow& window) {
  return window.claim(window.fit(window.spare_frame()));
}
void pass(InFlightWindow& window, std::uint64_t sequence) {
  window.stamp_decoded(sequence);
  window.publish_sequenced(sequence + 1);
}

TEST(InFlightWindow, HasAPowerOfTwoOfPlacesAndNeverVeryFew) {
  EXPECT_EQ(InFlightWindow(1, 1).capacity(), 16u);
  EXPECT_EQ(InFlightWindow(std::size_t{16} << 20, 1).capacity(), 4096u);
  EXPECT_EQ(InFlightWindow(17 * Frame::kArenas.front(), 1).capacity(), 32u);
}

TEST(InFlightWindow, IsBoundedInBytes) {
  InFlightWindow window(4 * Frame::kCapacity, 1);
  int frames = 0;
  while (window.has_room()) claim(window), ++frames;
  EXPECT_EQ(frames, 4);
  EXPECT_EQ(window.bytes(), 4 * Frame().footprint());
}

TEST(InFlightWindow, IsBoundedInPlaces) {
  InFlightWindow window(16 * Frame::kArenas.front(), 1);
  for (int i = 0; i < 16; ++i) claim_small(window);
  EXPECT_FALSE(window.has_room());
  EXPECT_DEATH(claim_small(window), "claimed <= released");
}

TEST(InFlightWindow, LetsALargeFrameInAlone) {
  InFlightWindow window(1, 1);
  EXPECT_TRUE(window.has_room());
  const std::uint64_t sequence = claim(window);
  EXPECT_FALSE(window.has_room());
  pass(window, sequence);
  window.publish_taken(0, 1);
  window.release();
  EXPECT_TRUE(window.has_room());
  EXPECT_EQ(window.bytes(), 0u);
}

TEST(InFlightWindow, ReleasesWhatEveryQueueHasTaken) {
  InFlightWindow window(1 << 20, 2);
  for (std::uint64_t i = 0; i < 3; ++i) pass(window, claim(window));
  window.publish_taken(0, 3);
  EXPECT_FALSE(window.can_release());
  EXPECT_EQ(window.release(), 0u);
  window.publish_taken(1, 2);
  EXPECT_TRUE(window.can_release());
  EXPECT_EQ(window.release(), 2u);
  EXPECT_FALSE(window.can_release());
  EXPECT_FALSE(window.all_taken());
  window.publish_taken(1, 3);
  window.release();
  EXPECT_TRUE(window.all_taken());
}

TEST(InFlightWindow, NeverReleasesWhatIsNotSequenced) {
  InFlightWindow window(1 << 20, 1);
  claim(window);
  window.publish_taken(0, 1);
  EXPECT_EQ(window.release(), 0u);
}

TEST(InFlightWindow, StampsBelongToOneLap) {
  InFlightWindow window(1 << 20, 1);
  for (std::uint64_t lap = 0; lap < 5; ++lap) {
    for (std::uint64_t i = 0; i < window.capacity(); ++i) {
      const std::uint64_t sequence = claim(window);
      ASSERT_EQ(sequence, lap * window.capacity() + i);
      ASSERT_FALSE(window.is_decoded(sequence)) << "the stamp of an old lap looks ready";
      pass(window, sequence);
      ASSERT_TRUE(window.is_decoded(sequence));
      ASSERT_FALSE(window.is_decoded(sequence + window.capacity()));
      window.publish_taken(0, sequence + 1);
      window.release();
    }
  }
}

void add(Frame& frame, std::size_t bytes) {
  const std::string text(bytes, 'x');
  frame.add_message({{1}, 0, text, nullptr});
}

TEST(InFlightWindow, ChargesASmallDrainForLittle) {
  InFlightWindow window(1 << 20, 1);
  auto frame = window.spare_frame();
  const Frame* const large = frame.get();
  add(*frame, 500);
  frame->caught_up = frame->reply_requested = true;
  frame->received_at = TimePoint{std::chrono::seconds(5)};
  frame->sent_at_us = 6;
  frame = window.fit(std::move(frame));
  EXPECT_NE(frame.get(), large);
  EXPECT_EQ(frame->payload(frame->events()[0]), std::string(500, 'x'));
  EXPECT_TRUE(frame->caught_up && frame->reply_requested);
  EXPECT_EQ(frame->received_at, TimePoint{std::chrono::seconds(5)});
  EXPECT_EQ(frame->sent_at_us, 6);
  window.claim(std::move(frame));
  EXPECT_LT(window.bytes(), 5'000u);
  EXPECT_EQ(window.spare_frame().get(), large) << "the arena is read into again";
}

TEST(InFlightWindow, FitsEachDrainIntoTheSmallestArena) {
  InFlightWindow window(1 << 20, 1);
  for (const std::size_t bytes : {4'000, 5'000, 16'300, 20'000, 65'000, 70'000, 262'000}) {
    auto frame = window.spare_frame();
    add(*frame, bytes);
    frame = window.fit(std::move(frame));
    EXPECT_EQ(frame->payload(frame->events()[0]).size(), bytes);
    EXPECT_LT(frame->footprint(), 4 * bytes + 4'200);
  }
}

TEST(InFlightWindow, HoldsNoMoreThanItsBoundHoweverTheDrainsSizesChange) {
  constexpr std::size_t kBound = 4 << 20;
  InFlightWindow window(kBound, 1);
  for (const std::size_t bytes : {100, 10'000, 50'000, 200'000, 100}) {
    std::uint64_t last = 0;
    while (window.has_room()) {
      auto frame = window.spare_frame();
      add(*frame, bytes);
      last = window.claim(window.fit(std::move(frame)));
      ASSERT_LE(window.held(), kBound + 3 * Frame::kCapacity);
    }
    window.publish_sequenced(last + 1);
    window.publish_taken(0, last + 1);
    window.release();
    EXPECT_TRUE(window.all_taken());
  }
}

TEST(InFlightWindow, ReusesFramesAndEmptiesThem) {
  InFlightWindow window(1 << 20, 1);
  auto frame = window.spare_frame();
  const Frame* const first = frame.get();
  frame->add_keepalive({7});
  pass(window, window.claim(std::move(frame)));
  window.publish_taken(0, 1);
  window.release();
  frame = window.spare_frame();
  EXPECT_EQ(frame.get(), first);
  EXPECT_TRUE(frame->empty());
}

}  // namespace
}  // namespace realtime
