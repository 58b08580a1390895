#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "realtime/result.hpp"

#include "http/client/client.hpp"

namespace realtime::cli {

/// The running instance that `hash-realtime status` asks. A value.
struct StatusTarget {
  std::string host;
  unsigned port = 0;
  std::string prefix;   ///< what a proxy puts before each path; empty or "/..." without a slash at its end
  std::string setting;  ///< where host and port are from, for messages: "--url" or the variables

  /// Blocks for at most some seconds. The answer is hostile until checked.
  http::Answer get(std::string_view path) const;
};

/// Of `--url`: http://host[:port][/prefix], an IPv6 address in brackets. The message of an error says what is
/// allowed, and never shows a password.
Result<StatusTarget> target_of_url(std::string_view url);

/// Of HASH_REALTIME_BIND and HASH_REALTIME_PORT; the other settings of the environment do not matter.
Result<StatusTarget> target_of_environment();

}  // namespace realtime::cli
