#pragma once

#include "config/config.hpp"

namespace realtime {

/// Tells the edge of log and HTTP (base/scrub.hpp) what must not pass: the passwords of the settings and of
/// the environment (PGPASSWORD), and what stands where a password file's path or a user alone should. Before
/// it, the words that we say anyway. Those in files come with each reading. Call once, at the start.
void keep_secrets(const Config& config);

}  // namespace realtime
