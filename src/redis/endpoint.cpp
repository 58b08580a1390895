#include "redis/endpoint.hpp"

namespace realtime::redis {

std::string Endpoint::text() const {
  if (host.starts_with('/')) return host;
  const bool ipv6 = host.find(':') != std::string::npos;
  return (ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

}  // namespace realtime::redis
