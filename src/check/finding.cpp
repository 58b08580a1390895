#include "check/finding.hpp"

namespace realtime::preflight {

std::string_view to_string(Level level) {
  switch (level) {
    case Level::ok:
      return "ok";
    case Level::warning:
      return "warning";
    case Level::error:
      return "error";
    case Level::unknown:
      break;
  }
  return "unknown";
}

}  // namespace realtime::preflight
