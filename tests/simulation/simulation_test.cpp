// All stages on one thread, under a seeded schedule, seeded faults and a clock of our own. A failing seed
// prints the line that replays it: REALTIME_SEED=<n> simulation_test. REALTIME_SEEDS=<n> says how many are
// played.
#include <cstdlib>

#include <gtest/gtest.h>

#include "base/log.hpp"
#include "simulation/world.hpp"

namespace realtime::sim {
namespace {

class Quiet : public testing::Environment {
  void SetUp() override { log::start(log::Style::json, log::Level::error); }
};
[[maybe_unused]] const auto* const kQuiet = testing::AddGlobalTestEnvironment(new Quiet);

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

struct Score {
  int bad = 0;
  std::string first;
  World::Counts counts;
};

Score play(const Faults& faults, const Sabotage& sabotage, std::uint64_t seeds, bool to_first = false,
           const OwnershipRules& rules = {}) {
  Score score;
  const bool one = std::getenv("REALTIME_SEED") != nullptr;
  const std::uint64_t from = number_from("REALTIME_SEED", 0), to = one ? from + 1 : seeds;
  for (std::uint64_t seed = from; seed < to; ++seed) {
    World world(seed, faults, sabotage, rules);
    const std::string bad = world.run();
    const World::Counts& counts = world.counts();
    score.counts.restarts += counts.restarts;
    score.counts.forgotten += counts.forgotten;
    score.counts.fenced += counts.fenced;
    score.counts.drained += counts.drained;
    score.counts.stopped_servers += counts.stopped_servers;
    score.counts.lost_races += counts.lost_races;
    score.counts.killed += counts.killed;
    score.counts.standbys += counts.standbys;
    if (bad.empty()) continue;
    if (score.bad++ == 0) score.first = bad;
    if (to_first) break;
  }
  return score;
}

std::uint64_t seeds() {
  return number_from("REALTIME_SEEDS", 400);
}

TEST(Simulation, DeliversOnceAndInOrderWhereNothingFails) {
  const Score score = play({false, false, false, false, false, false}, {}, seeds() / 4);
  EXPECT_EQ(score.bad, 0) << score.first;
}

TEST(Simulation, ConfirmsOnlyWhatIsDeliveredWhateverFails) {
  const Score score = play({}, {}, seeds());
  EXPECT_EQ(score.bad, 0) << score.first;
  if (seeds() < 100) return;
  EXPECT_GT(score.counts.restarts, 100);
  EXPECT_GT(score.counts.forgotten, 50);
  EXPECT_GT(score.counts.fenced, 10);
  EXPECT_GT(score.counts.drained, 50);
  EXPECT_GT(score.counts.stopped_servers, 10);
  EXPECT_GT(score.counts.lost_races, 5);
  EXPECT_GT(score.counts.killed, 10);
  EXPECT_GT(score.counts.standbys, 10);
}

/// None of it looks like a Redis that forgot: the owner goes on.
TEST(Simulation, FollowsStepsThatAreDoneAfterTheyWereGivenUp) {
  const Score score = play({.redis_forgets = false,
                            .postgres_cuts = false,
                            .kills = false,
                            .two_owners = false,
                            .queues_added = false,
                            .steps_given_up = true},
                           {}, seeds() / 4);
  EXPECT_EQ(score.bad, 0) << score.first;
}

struct Broken {
  const char* name;
  bool Sabotage::*what;
  Faults faults = {};
};
class OracleNotices : public testing::TestWithParam<Broken> {};

TEST_P(OracleNotices, WhatIsBroken) {
  Sabotage sabotage;
  sabotage.*GetParam().what = true;
  const Score score = play(GetParam().faults, sabotage, 60, true);
  EXPECT_GT(score.bad, 0) << "no seed noticed it";
  RecordProperty("first", score.first);
}

INSTANTIATE_TEST_SUITE_P(
    Sabotage, OracleNotices,
    testing::Values(
        Broken{"confirms_unread", &Sabotage::confirms_unread},
        Broken{"confirms_received", &Sabotage::confirms_received},
        // Without failing steps: to gather a batch again from places that are gone ends the process.
        Broken{"frees_early",
               &Sabotage::frees_early,
               {.redis_fails = false, .redis_forgets = false, .two_owners = false}},
        Broken{"ignores_record", &Sabotage::ignores_record},
        Broken{"no_replay_window", &Sabotage::no_replay_window}, Broken{"no_fencing", &Sabotage::no_fencing},
        Broken{"no_watch", &Sabotage::no_watch}, Broken{"record_apart", &Sabotage::record_apart},
        Broken{"misorders", &Sabotage::misorders}, Broken{"no_bound", &Sabotage::no_bound},
        Broken{"base_is_most", &Sabotage::base_is_most},
        Broken{"discards_nothing", &Sabotage::discards_nothing}),
    [](const auto& broken) { return std::string(broken.param.name); });

struct BrokenRule {
  const char* name;
  bool OwnershipRules::*rule;
};
class EveryRuleOfOwnershipIsNeeded : public testing::TestWithParam<BrokenRule> {};

TEST_P(EveryRuleOfOwnershipIsNeeded, WithoutItACaseTurnsRed) {
  OwnershipRules rules;
  rules.*GetParam().rule = false;
  const Score score = play({}, {}, 200, true, rules);
  EXPECT_GT(score.bad, 0) << "no seed noticed it";
  RecordProperty("first", score.first);
}

INSTANTIATE_TEST_SUITE_P(
    Rules, EveryRuleOfOwnershipIsNeeded,
    testing::Values(BrokenRule{"fences", &OwnershipRules::fences},
                    BrokenRule{"raises_epoch", &OwnershipRules::raises_epoch},
                    BrokenRule{"epoch_is_of_clock", &OwnershipRules::epoch_is_of_clock},
                    BrokenRule{"expects_what_was_read", &OwnershipRules::expects_what_was_read},
                    BrokenRule{"locks_before_fencing", &OwnershipRules::locks_before_fencing},
                    BrokenRule{"sets_owner_timeout", &OwnershipRules::sets_owner_timeout}),
    [](const auto& broken) { return std::string(broken.param.name); });

}  // namespace
}  // namespace realtime::sim
