#pragma once

#include <functional>

#include "http/health.hpp"
#include "http/response.hpp"
#include "metrics/pipeline_metrics.hpp"
#include "status/service_facts.hpp"

namespace realtime::http {

/// Where the answers come from. The functions are called by several of the server's threads at a time and
/// must neither block nor be called after the server has stopped; `metrics` outlives the server.
struct Sources {
  const PipelineMetrics& metrics;
  std::function<ServiceFacts()> facts;
  std::function<Health()> health;
  std::function<Readiness()> readiness;
};

/// Every path that the service answers: /, /health-check, /ready, /status, /metrics.
Routes service_routes(Sources sources);

}  // namespace realtime::http
