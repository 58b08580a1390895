#pragma once

#include "config/config.hpp"

namespace realtime {

/// The whole service in the foreground: HTTP, monitor and daemon, until SIGTERM, SIGINT or SIGHUP. Returns
/// the exit code.
int run_service(const Config& config);

}  // namespace realtime
