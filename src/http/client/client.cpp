#include "http/client/client.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>
#include <string_view>

#include <poll.h>
#include <sys/socket.h>

#include "net/file_descriptor.hpp"
#include "net/resolver.hpp"

namespace realtime::http {
namespace {

using Steady = std::chrono::steady_clock;
constexpr std::size_t kMostBytes = 4 << 20;

struct Connection {
  net::FileDescriptor fd;
  Steady::time_point deadline;
  std::string error;

  bool wait(short events) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Steady::now()).count();
    pollfd one{fd.get(), events, 0};
    const int ready = ::poll(&one, 1, static_cast<int>(std::max<std::int64_t>(left, 0)));
    if (ready > 0) return true;
    if (ready < 0 && errno == EINTR) return wait(events);
    error = ready == 0 ? "no answer in time" : std::strerror(errno);
    return false;
  }

  bool connect(const net::Address& address) {
    fd = net::FileDescriptor(
        ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd) return error = std::strerror(errno), false;
    if (::connect(fd.get(), address.get(), address.length) == 0) return true;
    if (errno != EINPROGRESS) return error = std::strerror(errno), false;
    if (!wait(POLLOUT)) return false;
    int code = 0;
    socklen_t length = sizeof code;
    if (::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &code, &length) == 0 && code == 0) return true;
    return error = std::strerror(code), false;
  }

  bool send(std::string_view text) {
    while (!text.empty()) {
      const ssize_t sent = ::send(fd.get(), text.data(), text.size(), MSG_NOSIGNAL);
      if (sent > 0) {
        text.remove_prefix(static_cast<std::size_t>(sent));
      } else if (errno != EAGAIN && errno != EINTR) {
        return error = std::strerror(errno), false;
      } else if (!wait(POLLOUT)) {
        return false;
      }
    }
    return true;
  }

  /// Everything until the other side closes.
  std::optional<std::string> receive() {
    std::string text;
    char part[16384];
    while (wait(POLLIN)) {
      const ssize_t got = ::recv(fd.get(), part, sizeof part, 0);
      if (got == 0) return text;
      if (got < 0 && errno != EAGAIN && errno != EINTR) return error = std::strerror(errno), std::nullopt;
      if (got > 0) text.append(part, static_cast<std::size_t>(got));
      if (text.size() > kMostBytes) return error = "the answer is too large", std::nullopt;
    }
    return std::nullopt;
  }
};

}  // namespace

Answer parse_answer(std::string text) {
  constexpr std::string_view kStart = "HTTP/1.";
  const std::size_t head_end = text.find("\r\n\r\n");
  Answer answer;
  const char* digits = text.data() + kStart.size() + 2;
  if (!text.starts_with(kStart) || head_end == std::string::npos || head_end < kStart.size() + 5 ||
      !std::all_of(digits, digits + 3, [](char c) { return c >= '0' && c <= '9'; })) {
    answer.error = "what answers there does not speak HTTP";
    return answer;
  }
  std::from_chars(digits, digits + 3, answer.status);
  answer.body = text.substr(head_end + 4);
  return answer;
}

Answer get(const std::string& host, unsigned port, const std::string& path,
           std::chrono::milliseconds deadline) {
  const std::string to = host == "0.0.0.0" || host.empty() ? "127.0.0.1" : host;
  Connection connection;
  connection.deadline = Steady::now() + deadline;
  const net::Answer found = net::resolve(net::Resolver::system(), to, connection.deadline, -1).answer;
  if (found.addresses.empty()) return {0, {}, to + ": " + found.failure};
  bool connected = false;
  for (net::Address address : found.addresses) {
    address.set_port(static_cast<std::uint16_t>(port));
    if ((connected = connection.connect(address))) break;
  }
  const std::string request = "GET " + path + " HTTP/1.1\r\nHost: " + to + "\r\nConnection: close\r\n\r\n";
  if (connected && connection.send(request)) {
    if (auto text = connection.receive()) return parse_answer(std::move(*text));
  }
  return {0, {}, to + ":" + std::to_string(port) + ": " + connection.error};
}

}  // namespace realtime::http
