#pragma once

#include <string>

#include "realtime/result.hpp"

#include "net/address.hpp"
#include "net/file_descriptor.hpp"

namespace realtime::redis {

/// Begins to connect without waiting: writable means decided, then socket_error tells. Sets TCP_NODELAY,
/// keepalives that find a dead server within 15 s, and TCP_USER_TIMEOUT of 15 s for what is sent and not
/// acknowledged.
Result<net::FileDescriptor> begin_connect(const net::Address& address);

/// The pending error of a socket (SO_ERROR); 0: none.
int socket_error(int fd);

/// The system's words for an errno value; any thread.
std::string errno_text(int number);

}  // namespace realtime::redis
