// What a client may send, against the running server: whatever it is, the answer is whole or there is none,
// and the next client is answered.
#include <charconv>
#include <memory>
#include <optional>

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "fuzz/fuzz.hpp"
#include "http/listen_address.hpp"
#include "http/server.hpp"

namespace {

using namespace realtime;

constexpr std::string_view kBody = "what /status says";

http::Server& server() {
  static const std::unique_ptr<http::Server> running = [] {
    http::Routes routes;
    for (const char* path : {"/", "/health-check", "/ready", "/status", "/metrics"})
      routes[path] = [] {
        return http::Response{200, "text/plain", std::string(kBody), "default-src 'none'"};
      };
    http::ServerSettings settings;
    settings.bind = "127.0.0.1";
    settings.port = 0;
    settings.threads = 4;
    settings.request_timeout = std::chrono::milliseconds(200);
    auto started = http::Server::start(settings, std::move(routes));
    test::require(static_cast<bool>(started), "the server runs");
    return std::move(*started);
  }();
  return *running;
}

/// What the server says to `request` until it closes; none where it does not come to an end.
std::optional<std::string> exchange(std::string_view request) {
  const http::Socket socket;
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(static_cast<std::uint16_t>(server().port()));
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval at_most{10, 0};
  setsockopt(socket.fd, SOL_SOCKET, SO_RCVTIMEO, &at_most, sizeof at_most);
  test::require(connect(socket.fd, reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0,
                "a client is let in");
  if (!request.empty() && send(socket.fd, request.data(), request.size(), MSG_NOSIGNAL) < 0) return "";
  shutdown(socket.fd, SHUT_WR);
  std::string text;
  char part[4096];
  for (;;) {
    const ssize_t got = recv(socket.fd, part, sizeof part, 0);
    if (got < 0) return errno == ECONNRESET ? std::optional(text) : std::nullopt;
    if (got == 0) return text;
    text.append(part, static_cast<std::size_t>(got));
  }
}

/// One whole HTTP/1.1 answer: a status, a length, and a body of that length or (to a HEAD) none.
void check(std::string_view answer) {
  constexpr std::string_view kStart = "HTTP/1.1 ", kLength = "Content-Length: ";
  test::require(answer.starts_with(kStart), "an answer begins with the version");
  const std::size_t head = answer.find("\r\n\r\n");
  test::require(head != std::string_view::npos, "a head is whole");
  const std::size_t at = answer.find(kLength);
  test::require(at < head, "a head has a length");
  std::size_t length = 0;
  const char* digits = answer.data() + at + kLength.size();
  std::from_chars(digits, answer.data() + head, length);
  const std::string_view body = answer.substr(head + 4);
  test::require(body.empty() || body.size() == length, "a body has the length that was said");
  test::require(answer.find("500 ") != kStart.size(), "nothing that is sent is an internal error");
  const bool found = answer.substr(kStart.size()).starts_with("200 ");
  test::require(body.empty() || found == (body == kBody), "a body belongs to its status");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto answer = exchange(test::text_of(data, size));
  test::require(answer.has_value(), "the connection comes to an end");
  if (!answer->empty()) check(*answer);
  static unsigned count = 0;
  if (++count % 16 == 0) {
    const auto sound = exchange("GET /status?whatever HTTP/1.1\r\nHost: here\r\n\r\n");
    test::require(sound && sound->ends_with(kBody), "the next client is answered");
  }
  return 0;
}
