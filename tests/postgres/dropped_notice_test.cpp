#include "postgres/dropped_notice.hpp"

#include <gtest/gtest.h>

namespace realtime::postgres {
namespace {

TEST(DroppedNotice, NamesTheTable) {
  EXPECT_EQ(table_without_identity(R"(no tuple identifier for UPDATE in table "public"."r_nopk")"),
            R"("public"."r_nopk")");
  EXPECT_EQ(table_without_identity(R"(no tuple identifier for DELETE in table "a in table b"."c")"),
            R"("a in table b"."c")");
}

TEST(DroppedNotice, OthersAreNone) {
  for (const char* text :
       {"", "no tuple identifier for ", "no tuple identifier for UPDATE in table ",
        "no tuple identifier for UPDATE in table x", "something else in table \"a\".\"b\""}) {
    EXPECT_FALSE(table_without_identity(text)) << text;
  }
}

TEST(DroppedNotice, APublicationThatWasNotThereIsKnown) {
  EXPECT_TRUE(is_publication_skipped("skipped loading publication \"hash_realtime\""));
  EXPECT_FALSE(is_publication_skipped("publication \"hash_realtime\" does not exist"));
}

}  // namespace
}  // namespace realtime::postgres
