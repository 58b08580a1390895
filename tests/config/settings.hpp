#pragma once

#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/config.hpp"

namespace realtime {

/// The least that starts the service, with changes: with({{"HASH_PG_PORT", "6000"}}).
inline Environment with(Environment changes = {}) {
  changes.emplace("HASH_SEARCH_QUEUE_NAME", "search");
  return changes;
}

inline Config loaded(const Environment& environment) {
  Result<Config> config = load_config(environment, 4);
  EXPECT_TRUE(config) << (config ? "" : config.error().message);
  return config ? *config : Config{};
}

inline std::string refusal(const Environment& environment) {
  const Result<Config> config = load_config(environment, 4);
  EXPECT_FALSE(config);
  if (config) return {};
  EXPECT_EQ(config.error().kind, ErrorKind::wrong_setting);
  return config.error().message;
}

}  // namespace realtime
