#pragma once

#include <memory>
#include <stdexcept>

#include "http/server.hpp"

namespace realtime::http::testing {

/// One server for a whole test program. Routes: /ping, /big, /throws.
inline Server& running_server() {
  static const std::unique_ptr<Server> server = [] {
    Routes routes;
    routes["/ping"] = [] { return Response{200, "text/plain", "pong", "default-src 'none'"}; };
    routes["/big"] = [] {
      return Response{200, "text/plain", std::string(256 << 10, 'x'), "default-src 'none'"};
    };
    routes["/throws"] = []() -> Response { throw std::runtime_error("a secret"); };
    ServerSettings settings;
    settings.bind = "127.0.0.1";
    settings.port = 0;
    auto started = Server::start(settings, std::move(routes));
    if (!started) throw std::runtime_error(started.error().message);
    return std::move(*started);
  }();
  return *server;
}

}  // namespace realtime::http::testing
