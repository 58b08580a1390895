#include "base/hash.hpp"

#include <gtest/gtest.h>

namespace realtime {
namespace {

std::string hash_of(std::string_view text) {
  Hash128 hash;
  hash.add(text);
  return hash.text();
}

TEST(Hash128, IsFnv1a) {
  EXPECT_EQ(hash_of(""), "6c62272e07bb014262b821756295c58d");
  EXPECT_EQ(hash_of("a"), "d228cb696f1a8caf78912b704e4a8964");
  EXPECT_EQ(hash_of("foobar"), "343e1662793c64bf6f0d3597ba446f18");
}

TEST(Hash128, PartsAreToldApart) {
  Hash128 one, other;
  one.add_part("a"), one.add_part("bc");
  other.add_part("ab"), other.add_part("c");
  EXPECT_NE(one.text(), other.text());
}

}  // namespace
}  // namespace realtime
