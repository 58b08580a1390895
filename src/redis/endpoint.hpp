#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "realtime/result.hpp"

#include "net/resolver.hpp"

namespace realtime::redis {

/// How the server's certificate is checked and what we show of ourselves. Empty: the system's authorities, no
/// client certificate, the host's own name. There is no way to switch the verification off.
struct Tls {
  bool enabled = false;
  std::string ca_file;
  std::string certificate_file;
  std::string key_file;
  std::string server_name;  ///< the name to expect instead of the host (tunnels)
};

/// One Redis server and who we are to it. A value.
struct Endpoint {
  std::string host = "localhost";  ///< name, IPv4, IPv6, or the path of a unix socket (begins with '/')
  std::uint16_t port = 6379;
  int database = 0;
  std::string username;  ///< empty: the default user
  std::function<Result<std::string>()>
      password;  ///< asked at every connect (files are rotated); none: no AUTH
  Tls tls;
  std::string client_name;                    ///< CLIENT SETNAME, as far as the server lets us
  std::chrono::milliseconds silence{10'000};  ///< a running operation fails after so long without a byte
  /// A key that this user may SET. Where the host's name has several addresses and ROLE is not allowed, a SET
  /// that cannot succeed tells whether the server takes writes. Empty: not asked.
  std::string probe_key;
  net::Resolver* resolver = &net::Resolver::system();  ///< not owned

  /// "host:port" or the socket's path, for messages.
  std::string text() const;
};

}  // namespace realtime::redis
