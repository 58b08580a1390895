#pragma once

#include <vector>

#include <sys/socket.h>

#include "realtime/result.hpp"

#include "redis/endpoint.hpp"
#include "redis/file_descriptor.hpp"

namespace realtime::redis {

struct Address {
  sockaddr_storage storage{};
  socklen_t length = 0;
};

/// Where the endpoint is at this moment, in the order to be tried. Blocks in getaddrinfo for as long as the
/// system's resolver takes: to be called on a thread that may wait (each writer has its own).
Result<std::vector<Address>> resolve(const Endpoint& endpoint);

/// Begins to connect without waiting: writable means decided, then socket_error tells. Sets TCP_NODELAY,
/// keepalives that find a dead server within 15 s, and TCP_USER_TIMEOUT of 15 s for what is sent and not
/// acknowledged.
Result<FileDescriptor> begin_connect(const Address& address);

/// The pending error of a socket (SO_ERROR); 0: none.
int socket_error(int fd);

/// The system's words for an errno value; any thread.
std::string errno_text(int number);

}  // namespace realtime::redis
