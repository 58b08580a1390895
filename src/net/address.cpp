#include "net/address.hpp"

#include <cstring>

#include <netdb.h>
#include <netinet/in.h>
#include <sys/un.h>

namespace realtime::net {

std::string Address::text() const {
  char text[NI_MAXHOST];
  if (storage.ss_family == AF_UNIX ||
      ::getnameinfo(get(), length, text, sizeof text, nullptr, 0, NI_NUMERICHOST) != 0)
    return {};
  return text;
}

void Address::set_port(std::uint16_t port) {
  if (storage.ss_family == AF_INET) reinterpret_cast<sockaddr_in*>(&storage)->sin_port = htons(port);
  if (storage.ss_family == AF_INET6) reinterpret_cast<sockaddr_in6*>(&storage)->sin6_port = htons(port);
}

std::optional<Address> address_from(const sockaddr* address, socklen_t length) {
  if (address == nullptr || length > sizeof(sockaddr_storage)) return std::nullopt;
  Address copy;
  std::memcpy(&copy.storage, address, length);
  copy.length = length;
  return copy;
}

std::optional<Address> unix_address(const std::string& path) {
  Address address;
  auto* name = reinterpret_cast<sockaddr_un*>(&address.storage);
  if (path.size() >= sizeof name->sun_path) return std::nullopt;
  name->sun_family = AF_UNIX;
  std::memcpy(name->sun_path, path.c_str(), path.size() + 1);
  address.length = sizeof *name;
  return address;
}

}  // namespace realtime::net
