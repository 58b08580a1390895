#pragma once

#include "realtime/error.hpp"

#include "config/config.hpp"
#include "wiring/wiring.hpp"

namespace realtime {

/// The error with the very statement that mends it on this server: the role's own name, the provider's own
/// way to change a setting. Asks the server over a connection of its own, but only where the answer matters;
/// where that fails the error stays as it is. `stop_fd` ends the waiting.
Error with_remedy(Error error, const Config& config, const Wiring& wiring, int stop_fd);

}  // namespace realtime
