#include "ownership/phase.hpp"

#include <gtest/gtest.h>

namespace realtime {
namespace {

TEST(Phase, SaysWhatPeopleAreShown) {
  EXPECT_EQ(words_of(Phase::standby), "in warm standby");
  EXPECT_EQ(words_of(Phase::waiting, "no route"), "waiting: no route");
  EXPECT_EQ(words_of(Phase::streaming, "nothing of it"), "streaming");
  EXPECT_EQ(words_of(Phase::needs_person), "stopped: needs a person");
}

TEST(Phase, TriesAgainWithoutAWord) {
  for (const Phase phase : {Phase::reading, Phase::deciding, Phase::locking, Phase::proving, Phase::fencing})
    EXPECT_FALSE(words_of(phase)) << to_string(phase);
}

TEST(Phase, NothingIsWrittenBeforeTheLockAndTheProof) {
  for (std::size_t i = 0; i < kPhases; ++i) {
    const auto now = static_cast<Phase>(i);
    EXPECT_EQ(may_follow(now, Phase::fencing), now == Phase::proving) << to_string(now);
    EXPECT_EQ(may_follow(now, Phase::proving), now == Phase::locking || now == Phase::proving)
        << to_string(now);
    EXPECT_EQ(may_follow(now, Phase::deciding), now == Phase::reading) << to_string(now);
    EXPECT_EQ(may_follow(now, Phase::locking),
              now == Phase::deciding || now == Phase::making_slot || now == Phase::proving)
        << to_string(now);
    EXPECT_TRUE(may_follow(now, Phase::reading)) << "a lost race, from " << to_string(now);
  }
}

}  // namespace
}  // namespace realtime
