#pragma once

#include <string>

#include "http/response.hpp"

namespace realtime::http {

/// Liveness: not ok only when a restart would help.
struct Health {
  bool ok = true;
  std::string reason;    ///< why not
  std::string instance;  ///< which instance answers
};

/// Readiness: streaming with every queue moving, or in warm standby.
struct Readiness {
  bool ok = false;
  std::string state;   ///< "streaming", "in warm standby", "connecting to Postgres" …
  std::string error;   ///< ErrorPolicy::name; empty without one
  std::string reason;  ///< why not, in an operator's words
  std::string remedy;  ///< what to do; may be empty
};

/// GET /health-check: 200 `{"msg":"realtime server healthy",…}`, the text that watchers of HASH Realtime
/// know, or 503 with the reason.
Response answer_health(const Health& health);
/// GET /ready: 200 or 503, with state and reason.
Response answer_readiness(const Readiness& readiness);

}  // namespace realtime::http
