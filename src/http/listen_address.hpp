#pragma once

#include <string>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "realtime/result.hpp"

namespace realtime::http {

/// A socket of its own, closed with it.
struct Socket {
  int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ~Socket() {
    if (fd >= 0) ::close(fd);
  }
  Socket() = default;
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
};

/// Where to listen: checks that the address can be had at this moment, and finds a free port for port 0.
/// CivetWeb itself says only that it failed, not why.
Result<sockaddr_in> find_listen_address(const std::string& bind, unsigned port);

/// Whether this machine has the address: false where HASH_REALTIME_BIND itself is wrong.
bool is_own_address(const std::string& bind);

/// The errno of a bind() in an operator's words, as wrong_setting.
Error cannot_listen(const std::string& bind, unsigned port, int error);

}  // namespace realtime::http
