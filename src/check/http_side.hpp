#pragma once

#include "check/finding.hpp"
#include "config/config.hpp"

namespace realtime::preflight {

/// Where the service will answer HTTP, as the checks see it. One thread.
struct HttpSide {
  const Config& config;

  bool reachable() const { return true; }
};

Findings check_http(HttpSide& side);

}  // namespace realtime::preflight
