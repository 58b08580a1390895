#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "check/deadline.hpp"
#include "check/finding.hpp"
#include "config/config.hpp"
#include "redis/records.hpp"
#include "redis/server_facts.hpp"
#include "wiring/wiring.hpp"

namespace realtime::preflight {

/// Redis as the checks see it. One thread.
struct RedisSide {
  RedisSide(const Config& its_config, const Wiring& its_wiring, const Deadline& its_deadline);

  const Config& config;
  const Deadline& deadline;
  std::vector<std::string> queues;  ///< their names, in the order of the settings
  redis::Endpoint endpoint;
  redis::RecordStore store;
  redis::ServerFacts facts;
  bool failed = false;  ///< no connection is to be had
  bool long_lists;      ///< the lists of tables stand beside the records

  bool reachable() const { return !failed; }
  /// The statement that gives the user what is needed.
  std::string acl() const;
};

Findings check_redis(RedisSide& side);

namespace detail {
/// Every command that the service uses, tried as this user on these keys, without any effect.
void try_rights(RedisSide& side, Notes& notes);
void look_at_queues(RedisSide& side, Notes& notes);
}  // namespace detail

}  // namespace realtime::preflight
