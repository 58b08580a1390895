// Once warm, a row costs no memory from the heap, neither the framer nor the decoder; a frame costs two
// pieces, for the list of its relations.
#include <gtest/gtest.h>

#include "postgres/pgoutput/pgoutput_messages.hpp"
#include "support/allocation_counter.hpp"

namespace realtime::postgres {
namespace {

using namespace realtime::test;

TEST(PgoutputHotPath, AllocatesNothingForARow) {
  const Pgoutput plugin = pgoutput_of();
  const auto framer = plugin.make_framer();
  const auto decoder = plugin.make_decoder();
  Frame frame;
  const auto add = [&](const std::string& message) {
    ASSERT_TRUE(framer->add({Lsn{1}, 0, message, nullptr}, frame));
  };
  const std::string rows[] = {insert(5, {"1", "text with \"quotes\" \n", std::nullopt}),
                              update(5, 'K', {"1", std::nullopt, std::nullopt}, {"2", "x", kUnchanged}),
                              remove(5, 'K', {"2", std::nullopt, std::nullopt})};
  std::size_t changes = 0, frames = 0;
  const auto fill_and_decode = [&] {
    frame.clear();
    for (std::size_t i = 0; frame.has_room(rows[i % 3].size()); ++i) add(rows[i % 3]);
    ASSERT_TRUE(decoder->decode(frame));
    changes += frame.changes.size();
    ++frames;
  };
  add(begin(7));
  add(relation(5, "s", "t", {{"id", 23, true}, {"v"}, {"w"}}));
  for (int i = 0; i < 5; ++i) fill_and_decode();

  changes = frames = 0;
  counting = true;
  for (int i = 0; i < 100; ++i) fill_and_decode();
  counting = false;
  EXPECT_GT(changes, 10'000u);
  EXPECT_LE(allocations, 2 * frames) << "for " << changes << " rows";
}

}  // namespace
}  // namespace realtime::postgres
