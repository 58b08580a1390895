#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "realtime/result.hpp"

namespace realtime::postgres {

/// The numeric addresses of a host, in the resolver's order, at most eight. The resolver itself cannot be
/// hurried or stopped, and takes half a minute where a name server is silent: it runs on a thread of its own,
/// which is left to end by itself. What libpq resolves without a network (a socket directory, an address, a
/// list, nothing, or PGHOSTADDR in the environment) gives one empty address: leave it to libpq. Any thread.
Result<std::vector<std::string>> resolve(const std::string& host, std::chrono::steady_clock::time_point until,
                                         int stop_fd);

}  // namespace realtime::postgres
