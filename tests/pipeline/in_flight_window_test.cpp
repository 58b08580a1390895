#include "pipeline/in_flight_window.hpp"

#include <gtest/gtest.h>

namespace realtime {
namespace {

std::uint64_t claim(InFlightWindow& window) {
  return window.claim(window.spare_frame());
}
void pass(InFlightWindow& window, std::uint64_t sequence) {
  window.stamp_decoded(sequence);
  window.publish_sequenced(sequence + 1);
}

TEST(InFlightWindow, HasAPowerOfTwoOfPlacesAndNeverVeryFew) {
  EXPECT_EQ(InFlightWindow(1, 1).capacity(), 16u);
  EXPECT_EQ(InFlightWindow(std::size_t{16} << 20, 1).capacity(), 256u);
  EXPECT_EQ(InFlightWindow(17 * Frame::kCapacity, 1).capacity(), 32u);
}

TEST(InFlightWindow, IsBoundedInBytes) {
  InFlightWindow window(4 * Frame::kCapacity, 1);
  int frames = 0;
  while (window.has_room()) claim(window), ++frames;
  EXPECT_EQ(frames, 4);
  EXPECT_EQ(window.bytes(), 4 * Frame().footprint());
}

TEST(InFlightWindow, IsBoundedInPlaces) {
  InFlightWindow window(16 * Frame::kCapacity, 1);
  for (int i = 0; i < 16; ++i) claim(window);
  EXPECT_FALSE(window.has_room());
  EXPECT_DEATH(window.claim(std::make_unique<Frame>()), "claimed <= released");
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
