#include "app/peers.hpp"

#include <gtest/gtest.h>

namespace realtime {
namespace {

std::string named(const std::string& slot, const std::string& instance, Role role,
                  const std::string& queue = "search") {
  Config config;
  config.slot_name = slot;
  QueueSpec spec{};
  spec.name = queue;
  config.queues.push_back(spec);
  ServiceFacts facts;
  facts.instance = instance;
  facts.role = role;
  return peer_name(config, facts);
}

TEST(Peers, OneOfTheSameSlotIsKnownWithItsRole) {
  const std::string own = named("realtime", "a:1", Role::standby);
  const auto owner = parse_peer_name(named("realtime", "b:2", Role::owner), own);
  ASSERT_TRUE(owner);
  EXPECT_EQ(owner->instance, "b:2");
  EXPECT_EQ(owner->state, "owner");
  EXPECT_EQ(parse_peer_name(named("realtime", "c:3", Role::starting), own)->state, "standby");
  EXPECT_EQ(parse_peer_name(named("realtime", "d:4", Role::standby, "other"), own)->state, "differs");
}

TEST(Peers, OthersAreNone) {
  const std::string own = named("realtime", "a:1", Role::standby);
  EXPECT_FALSE(parse_peer_name(named("another", "b:2", Role::owner), own));
  EXPECT_FALSE(parse_peer_name("", own));
  EXPECT_FALSE(parse_peer_name("psql", own));
  EXPECT_FALSE(parse_peer_name(own.substr(0, 22), own));
}

TEST(Peers, TheEndOfALongNameIsKept) {
  const std::string name = named("realtime", std::string(100, 'x') + ":77", Role::owner);
  EXPECT_EQ(name.size(), 63u);
  EXPECT_TRUE(name.ends_with("x:77"));
}

}  // namespace
}  // namespace realtime
