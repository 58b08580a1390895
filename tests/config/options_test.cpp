#include "config/options.hpp"

#include <set>

#include <gtest/gtest.h>

#include "config/checks.hpp"
#include "config/option_words.hpp"
#include "config/units.hpp"

namespace realtime {
namespace {

TEST(Options, EveryNameOnce) {
  std::set<std::string_view> names;
  for (const Option& row : all_options()) {
    EXPECT_TRUE(names.insert(row.variable).second) << row.variable;
    if (!row.alias.empty()) {
      EXPECT_TRUE(names.insert(row.alias).second) << row.alias;
      EXPECT_EQ(find_option(row.alias), &row);
    }
    EXPECT_EQ(find_option(row.variable), &row);
    EXPECT_EQ(&option(row.id), &row);
  }
  EXPECT_EQ(find_option("HASH_REALTIME_TABELS"), nullptr);
  EXPECT_EQ(find_option(""), nullptr);
}

TEST(Options, EveryDefaultIsAllowed) {
  for (const Option& row : all_options()) {
    EXPECT_TRUE(row.fallback.empty() || checked_number(row, row.fallback)) << row.variable;
    EXPECT_FALSE(allowed_words(row).empty());
  }
}

TEST(Options, BoundsAreInclusive) {
  for (const Option& row : all_options()) {
    const auto written = [&](std::uint64_t n) {
      return row.kind == OptionKind::duration ? duration_text(n) : std::to_string(n);
    };
    switch (row.kind) {
      case OptionKind::port:
      case OptionKind::count:
      case OptionKind::size:
      case OptionKind::duration:
        EXPECT_EQ(checked_number(row, written(row.least)), row.least) << row.variable;
        EXPECT_EQ(checked_number(row, written(row.most)), row.most) << row.variable;
        EXPECT_FALSE(checked_number(row, written(row.most + 1))) << row.variable;
        EXPECT_TRUE(row.least == 0 || !checked_number(row, written(row.least - 1))) << row.variable;
        break;
      default:
        break;
    }
  }
}

TEST(Options, SecretsAreMarked) {
  for (const Option& row : all_options()) {
    EXPECT_EQ(row.secret, row.variable.ends_with("_PASSWORD")) << row.variable;
  }
}

TEST(AllowedWords, ReadLikeASentence) {
  EXPECT_EQ(allowed_words(option(OptionId::pg_port)), "a port from 1 to 65535");
  EXPECT_EQ(allowed_words(option(OptionId::lease)), "a time with its unit, ms or s, from 1s to 600s");
  EXPECT_EQ(allowed_words(option(OptionId::max_in_flight_bytes)),
            "bytes, or a number with KiB, MiB or GiB, from 1MiB to 16GiB");
  EXPECT_EQ(allowed_words(option(OptionId::node_env)), "production or development");
  EXPECT_EQ(allowed_words(option(OptionId::log_level)), "trace, debug, info, warn or error");
}

}  // namespace
}  // namespace realtime
