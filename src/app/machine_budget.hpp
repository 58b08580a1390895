#pragma once

#include "realtime/result.hpp"

#include "config/config.hpp"

namespace realtime {

/// What the machine gives to HTTP, once the service itself has what it needs: threads (256 where there is no
/// lack), and connections that wait for one.
struct MachineBudget {
  unsigned http_threads = 0;
  unsigned http_queue = 0;
};

/// Looks at the limits of threads and descriptors, the latter raised where that is allowed. An error names
/// the limit that is too low and what it must be. At the start, before most threads.
Result<MachineBudget> take_stock(const Config& config);

/// What to say where a thread or descriptor is denied later than that.
Error denied_by_machine(const Config& config, std::string_view what);

/// Ends the process in words instead of by an abort where memory is denied (base/last_words.hpp).
void prepare_last_words(const Config& config);

}  // namespace realtime
