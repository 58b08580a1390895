// The HTTP port: may this machine listen there.

#include "check/http_side.hpp"
#include "http/client/client.hpp"
#include "http/listen_address.hpp"

namespace realtime::preflight {
namespace {

constexpr std::chrono::seconds kPatience{2};

/// Whether what listens there is this service: it may run while the check runs.
bool is_ours(const Config& config) {
  const http::Answer answer = http::get(config.bind, config.http_port, "/ready", kPatience);
  return answer && answer.body.starts_with("{\"ready\":");
}

void port(HttpSide& side, Notes& notes) {
  const Config& config = side.config;
  const std::string where = config.bind + ":" + std::to_string(config.http_port);
  const auto address = http::find_listen_address(config.bind, config.http_port);
  if (address) return notes.ok(where + " is free");
  if (is_ours(config)) return notes.ok("a hash-realtime answers on " + where);
  notes.error(address.error());
}

constexpr Check<HttpSide> kChecks[] = {{"port", port}};

}  // namespace

Findings check_http(HttpSide& side) {
  return run_all("http", kChecks, side);
}

}  // namespace realtime::preflight
