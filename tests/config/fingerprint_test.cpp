#include "config/fingerprint.hpp"

#include "config/settings.hpp"

namespace realtime {
namespace {

std::string of(Environment changes) {
  return fingerprint(loaded(with(std::move(changes))));
}

TEST(Fingerprint, StaysTheSameAcrossVersions) {
  // An owner and its standby may be of neighbouring versions: a new value here breaks the hand-over.
  EXPECT_EQ(of({}), "7de0a7cd");
}

TEST(Fingerprint, DiffersWithWhatIsDeliveredWhere) {
  const std::string plain = of({});
  const std::vector<Environment> others = {{{"HASH_INTEGRATION_QUEUE_NAME", ""}},
                                           {{"HASH_REALTIME_QUEUES", "more"}},
                                           {{"HASH_REALTIME_QUEUES", "stream:more"}},
                                           {{"HASH_REALTIME_TABLES", "public.t"}},
                                           {{"HASH_REALTIME_EXCLUDE_TABLES", "public.*"}},
                                           {{"HASH_REDIS_HOST", "elsewhere"}},
                                           {{"HASH_REDIS_PORT", "6380"}},
                                           {{"HASH_REDIS_DATABASE", "1"}}};
  std::set<std::string> seen{plain};
  for (const auto& changes : others) EXPECT_TRUE(seen.insert(of(changes)).second) << changes.begin()->first;
}

TEST(Fingerprint, TheRestAndTheOrderDoNotMatter) {
  EXPECT_EQ(
      of({{"HASH_REALTIME_PLUGIN", "pgoutput"}, {"HASH_REALTIME_PORT", "1"}, {"HASH_REDIS_PASSWORD", "x"}}),
      of({}));
  EXPECT_EQ(of({{"HASH_REALTIME_QUEUES", "a,b"}, {"HASH_REALTIME_TABLES", "a.a,b.b"}}),
            of({{"HASH_REALTIME_QUEUES", "list:b,a"}, {"HASH_REALTIME_TABLES", " b.b , a.\\a, a.a"}}));
}

}  // namespace
}  // namespace realtime
