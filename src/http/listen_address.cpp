#include "http/listen_address.hpp"

#include <cerrno>
#include <cstdint>
#include <cstring>

#include <arpa/inet.h>
#include <sys/socket.h>

namespace realtime::http {

Error cannot_listen(const std::string& bind, unsigned port, int error) {
  const std::string where = bind + ":" + std::to_string(port);
  if (error == EADDRNOTAVAIL) {
    return {ErrorKind::wrong_setting, "HASH_REALTIME_BIND=" + bind + " is not an address of this machine",
            "Set HASH_REALTIME_BIND to an address of this machine, or to 0.0.0.0 for all of them."};
  }
  const std::string named = "HASH_REALTIME_PORT=" + std::to_string(port) + " (" + where + ")";
  const std::string remedy =
      "Stop the process that listens there (ss -ltnp shows it), or set HASH_REALTIME_PORT to a free port "
      "above 1023.";
  if (error == EADDRINUSE) return {ErrorKind::wrong_setting, "HTTP port taken: " + named, remedy};
  if (error == EACCES) return {ErrorKind::wrong_setting, "no right to listen on " + named, remedy};
  return {ErrorKind::wrong_setting, "cannot listen on " + named + ": " + std::strerror(error), remedy};
}

namespace {

/// CivetWeb says only that it failed: tries the address first, to know why, and which port a 0 becomes. The
/// socket is closed again before CivetWeb binds; who takes the port in between is reported without a reason.
Result<sockaddr_in> try_address(const std::string& bind, unsigned port, const in_addr& address) {
  const Socket socket;
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(static_cast<std::uint16_t>(port));
  name.sin_addr = address;
  const int on = 1;
  if (socket.fd < 0 || ::setsockopt(socket.fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      ::bind(socket.fd, reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0 ||
      ::listen(socket.fd, 1) != 0) {
    return cannot_listen(bind, port, errno);
  }
  socklen_t length = sizeof name;
  if (::getsockname(socket.fd, reinterpret_cast<sockaddr*>(&name), &length) != 0)
    return cannot_listen(bind, port, errno);
  return name;
}

Result<in_addr> parse_address(const std::string& bind) {
  in_addr address{};
  if (::inet_pton(AF_INET, bind == "localhost" ? "127.0.0.1" : bind.c_str(), &address) == 1) return address;
  const bool v6 = bind.find(':') != std::string::npos;
  return Error{
      ErrorKind::wrong_setting,
      "HASH_REALTIME_BIND=" + bind +
          (v6 ? " is an IPv6 address, which the HTTP server cannot listen on" : " is not an IPv4 address"),
      "Set HASH_REALTIME_BIND to an IPv4 address, or to 0.0.0.0 for all."};
}

}  // namespace

bool is_own_address(const std::string& bind) {
  const auto address = parse_address(bind);
  return address && try_address(bind, 0, *address);
}

Result<sockaddr_in> find_listen_address(const std::string& bind, unsigned port) {
  const auto address = parse_address(bind);
  if (!address) return address.error();
  return try_address(bind, port, *address);
}

}  // namespace realtime::http
