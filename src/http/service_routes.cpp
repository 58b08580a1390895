#include "http/service_routes.hpp"

#include <utility>

#include "http/page.hpp"
#include "http/status.hpp"
#include "status/metrics.hpp"

namespace realtime::http {

Routes service_routes(Sources sources) {
  const PipelineMetrics& metrics = sources.metrics;
  Routes routes;
  routes["/"] = answer_page;
  routes["/health-check"] = [health = std::move(sources.health)] { return answer_health(health()); };
  routes["/ready"] = [readiness = std::move(sources.readiness)] { return answer_readiness(readiness()); };
  routes["/status"] = [&metrics, facts = sources.facts] {
    Response response;
    response.body = render_status(metrics, facts());
    return response;
  };
  routes["/metrics"] = [&metrics, facts = sources.facts] {
    Response response;
    response.content_type = kPrometheusContentType;
    response.body = render_prometheus(metrics, facts());
    return response;
  };
  return routes;
}

}  // namespace realtime::http
