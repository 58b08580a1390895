#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "realtime/result.hpp"

#include "http/response.hpp"

namespace realtime::http {

/// A handler renders text; glibc's default is 8 MiB of address space.
inline constexpr std::size_t kWorkerStackBytes = 256 * 1024;

struct ServerSettings {
  std::string bind =
      "0.0.0.0";         ///< an IPv4 address or "localhost": CivetWeb, as Debian builds it, has no IPv6
  unsigned port = 3333;  ///< 0: any free one, see Server::port()
  /// How long a client may take for its request at most (time_of_a_request). A worker thread belongs to its
  /// client meanwhile.
  std::chrono::milliseconds request_timeout{500};
  /// A stalled client holds one thread for the timeout; a probe waits only once all are held. 256 sleeping
  /// threads cost 4.3 MB of resident memory and no CPU. Fewer where the machine gives fewer.
  unsigned threads = 256;
  unsigned queue = 256;  ///< connections that wait for a thread; further ones wait in the kernel
};

/// How long a client gets for its request, so that a probe behind 600 clients that stall is answered within
/// 2 s: the fewer threads, the less. Pure.
std::chrono::milliseconds time_of_a_request(const ServerSettings& settings);

/// The HTTP server: GET and HEAD for a table of routes, nothing else. No authentication, no TLS, no body
/// read.
///
/// Operation: start, begin_stop() as early as possible when the service stops, then destroy (or
/// finish_stop()). Concurrency: handlers are called by the server's threads; all methods by the owning
/// thread. Limitations: IPv4 only; more than `threads` stalled clients make others wait in rounds of the
/// timeout; no keep-alive, so that no idle client holds a thread. Source of facts: CivetWeb's UserManual.md,
/// "Configuration Options".
class Server {
 public:
  /// Listens from here on, or says why not: wrong_setting where address or port cannot be had.
  static Result<std::unique_ptr<Server>> start(const ServerSettings& settings, Routes routes);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  unsigned port() const { return port_; }

  /// Begins to stop on a thread of its own and returns at once; may be called again.
  void begin_stop();
  /// Waits until no handler runs any more and none will: at most the request timeout after begin_stop().
  void finish_stop();

 private:
  class Listener;
  Server(std::unique_ptr<Listener> listener, unsigned port);

  std::unique_ptr<Listener> listener_;
  unsigned port_;
};

}  // namespace realtime::http
