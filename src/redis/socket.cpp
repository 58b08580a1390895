#include "redis/socket.hpp"

#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/un.h>

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

Result<std::vector<Address>> unix_address(const std::string& path) {
  Address address;
  auto* name = reinterpret_cast<sockaddr_un*>(&address.storage);
  if (path.size() >= sizeof name->sun_path) return unreachable("the path of Redis' unix socket is too long");
  name->sun_family = AF_UNIX;
  std::memcpy(name->sun_path, path.c_str(), path.size() + 1);
  address.length = sizeof *name;
  return std::vector{address};
}

}  // namespace

std::string errno_text(int number) {
  return std::system_category().message(number);
}

std::string Endpoint::text() const {
  if (host.starts_with('/')) return host;
  const bool ipv6 = host.find(':') != std::string::npos;
  return (ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Result<std::vector<Address>> resolve(const Endpoint& endpoint) {
  if (endpoint.host.starts_with('/')) return unix_address(endpoint.host);
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int failed =
      ::getaddrinfo(endpoint.host.c_str(), std::to_string(endpoint.port).c_str(), &hints, &found);
  if (failed != 0) {
    const std::string why = failed == EAI_SYSTEM ? errno_text(errno) : ::gai_strerror(failed);
    return unreachable("the name of Redis' host '" + endpoint.host + "' could not be resolved: " + why);
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> list(found, &::freeaddrinfo);
  std::vector<Address> addresses;
  for (const addrinfo* one = found; one != nullptr && addresses.size() < 16; one = one->ai_next) {
    if (one->ai_addrlen > sizeof(sockaddr_storage)) continue;
    Address& address = addresses.emplace_back();
    std::memcpy(&address.storage, one->ai_addr, one->ai_addrlen);
    address.length = one->ai_addrlen;
  }
  if (addresses.empty()) return unreachable("Redis' host '" + endpoint.host + "' has no address");
  return addresses;
}

Result<FileDescriptor> begin_connect(const Address& address) {
  const int family = address.storage.ss_family;
  FileDescriptor socket(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return unreachable("no socket: " + errno_text(errno));
  if (family != AF_UNIX) {
    set(socket.get(), IPPROTO_TCP, TCP_NODELAY, 1);
    set(socket.get(), IPPROTO_TCP, TCP_USER_TIMEOUT, kUserTimeoutMs);
    set(socket.get(), SOL_SOCKET, SO_KEEPALIVE, 1);
    set(socket.get(), IPPROTO_TCP, TCP_KEEPIDLE, kKeepIdleSeconds);
    set(socket.get(), IPPROTO_TCP, TCP_KEEPINTVL, kKeepIntervalSeconds);
    set(socket.get(), IPPROTO_TCP, TCP_KEEPCNT, kKeepCount);
  }
  const auto* name = reinterpret_cast<const sockaddr*>(&address.storage);
  // A unix socket whose backlog is full gives EAGAIN and never becomes writable: a failure, tried again
  // later.
  if (::connect(socket.get(), name, address.length) != 0 && errno != EINPROGRESS && errno != EINTR)
    return unreachable(errno_text(errno));
  return socket;
}

int socket_error(int fd) {
  int error = 0;
  socklen_t size = sizeof error;
  return ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

}  // namespace realtime::redis
