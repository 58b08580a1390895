#include "redis/socket.hpp"

#include <cerrno>
#include <system_error>

#include <netinet/in.h>
#include <netinet/tcp.h>

namespace realtime::redis {
namespace {

constexpr int kUserTimeoutMs = 15'000;
constexpr int kKeepIdleSeconds = 5, kKeepIntervalSeconds = 3, kKeepCount = 3;  // 14 s to a dead peer

Error unreachable(std::string message) {
  return {ErrorKind::redis_unreachable, std::move(message)};
}

void set(int fd, int level, int option, int value) {
  // A kernel that knows an option not does without it: each only shortens how long a dead server goes
  // unnoticed.
  (void)::setsockopt(fd, level, option, &value, sizeof value);
}

}  // namespace

std::string errno_text(int number) {
  return std::system_category().message(number);
}

Result<net::FileDescriptor> begin_connect(const net::Address& address) {
  const int family = address.storage.ss_family;
  net::FileDescriptor socket(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket && (errno == EMFILE || errno == ENFILE))
    return Error{ErrorKind::machine_limit, "no socket for a connection to Redis: " + errno_text(errno)};
  if (!socket) return unreachable("no socket: " + errno_text(errno));
  if (family != AF_UNIX) {
    set(socket.get(), IPPROTO_TCP, TCP_NODELAY, 1);
    set(socket.get(), IPPROTO_TCP, TCP_USER_TIMEOUT, kUserTimeoutMs);
    set(socket.get(), SOL_SOCKET, SO_KEEPALIVE, 1);
    set(socket.get(), IPPROTO_TCP, TCP_KEEPIDLE, kKeepIdleSeconds);
    set(socket.get(), IPPROTO_TCP, TCP_KEEPINTVL, kKeepIntervalSeconds);
    set(socket.get(), IPPROTO_TCP, TCP_KEEPCNT, kKeepCount);
  }
  // A unix socket whose backlog is full gives EAGAIN and never becomes writable: a failure, tried again
  // later.
  if (::connect(socket.get(), address.get(), address.length) != 0 && errno != EINPROGRESS && errno != EINTR)
    return unreachable(errno_text(errno));
  return socket;
}

int socket_error(int fd) {
  int error = 0;
  socklen_t size = sizeof error;
  return ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

}  // namespace realtime::redis
