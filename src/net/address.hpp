#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <sys/socket.h>

namespace realtime::net {

/// Where a socket can be connected to: IPv4, IPv6 or a path. A value.
struct Address {
  sockaddr_storage storage{};
  socklen_t length = 0;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  /// "10.0.0.7", "fe80::1%eth0"; empty for a path.
  std::string text() const;
  /// Of IPv4 and IPv6; any other address keeps none.
  void set_port(std::uint16_t port);
};

/// What getaddrinfo gives, as far as it is an address of a socket.
std::optional<Address> address_from(const sockaddr* address, socklen_t length);
/// The path of a Unix socket; nothing where it is too long for one.
std::optional<Address> unix_address(const std::string& path);

}  // namespace realtime::net
