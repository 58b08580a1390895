#include "http/health.hpp"

#include "http/json.hpp"

namespace realtime::http {

Response answer_health(const Health& health) {
  Json json;
  json.begin().text("msg", health.ok ? "realtime server healthy" : "realtime server unhealthy");
  if (!health.instance.empty()) json.text("instance", health.instance);
  if (!health.ok) json.text("reason", health.reason);
  Response response;
  response.status = health.ok ? 200 : 503;
  response.body = json.end().take();
  return response;
}

Response answer_readiness(const Readiness& readiness) {
  Json json;
  json.begin().flag("ready", readiness.ok).text("state", readiness.state);
  if (!readiness.error.empty()) json.text("error", readiness.error);
  if (!readiness.reason.empty()) json.text("reason", readiness.reason);
  if (!readiness.remedy.empty()) json.text("remedy", readiness.remedy);
  Response response;
  response.status = readiness.ok ? 200 : 503;
  response.body = json.end().take();
  return response;
}

}  // namespace realtime::http
