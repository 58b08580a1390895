#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "redis/client.hpp"

namespace realtime::testing {

/// A real redis-server of the test's own: private folder, free port, a unix socket; killed by its pid at the
/// end, and by the kernel should the test itself be killed. Keeps every write (appendfsync always), so that
/// kill_hard() loses nothing.
class RedisServer {
 public:
  using Arguments = std::vector<std::string>;

  /// Starts and waits until it answers; `more` are further command line options. Throws where it cannot.
  explicit RedisServer(Arguments more = {});
  ~RedisServer();
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  redis::Endpoint endpoint() const;       ///< 127.0.0.1
  redis::Endpoint unix_endpoint() const;  ///< its unix socket
  const std::filesystem::path& folder() const { return folder_; }
  std::uint16_t port() const { return port_; }

  /// kill -9, and waits for its end.
  void kill_hard();
  /// Starts it again with the same folder, port and options.
  void start();
  void pause();   ///< SIGSTOP
  void resume();  ///< SIGCONT
  /// No file of its may grow beyond so many bytes from now on, as if the disk were full; -1: as they like.
  void limit_files(long bytes);

  /// One command as administrator, over the unix socket; gives the reply as text, one element a line.
  std::string operator()(const redis::Client::Command& command);

 private:
  void wait_until_ready();

  std::filesystem::path folder_;
  Arguments more_;
  std::uint16_t port_ = 0;
  int pid_ = -1;
  std::unique_ptr<redis::Client> admin_;
};

/// A TCP port nobody listens on at this moment.
std::uint16_t free_port();

}  // namespace realtime::testing
