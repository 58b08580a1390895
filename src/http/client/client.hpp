#pragma once

#include <chrono>
#include <string>

namespace realtime::http {

/// What a server answered; `error` says why there is none.
struct Answer {
  int status = 0;
  std::string body;
  std::string error;  ///< empty: there is an answer

  explicit operator bool() const { return error.empty(); }
};

/// Asks a running instance: one GET over a connection of its own, blocking, within `deadline` whatever the
/// other side does. `host` is an address, a name, or the address that the instance is bound to (0.0.0.0 means
/// this machine). The answer is hostile until checked, and at most 4 MiB of it is read. Any thread.
Answer get(const std::string& host, unsigned port, const std::string& path,
           std::chrono::milliseconds deadline);

/// What a server sent until it closed, taken apart. Pure.
Answer parse_answer(std::string text);

}  // namespace realtime::http
