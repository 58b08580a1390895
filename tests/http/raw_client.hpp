#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace realtime::http::testing {

/// A client that says whatever a test wants it to say, or nothing.
class RawClient {
 public:
  explicit RawClient(unsigned port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_port = htons(static_cast<std::uint16_t>(port));
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval at_most{10, 0};
    const int little = 4096;  // so that an answer that is not read soon fills what lies between
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &little, sizeof little);
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &at_most, sizeof at_most);
    EXPECT_EQ(::connect(fd_, reinterpret_cast<const sockaddr*>(&name), sizeof name), 0);
  }
  RawClient(RawClient&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  ~RawClient() {
    if (fd_ >= 0) ::close(fd_);
  }

  RawClient& say(std::string_view text) {
    [[maybe_unused]] const auto sent = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
    return *this;
  }
  /// Everything until the server closes.
  std::string hear() {
    std::string text;
    char part[4096];
    for (ssize_t got; (got = ::recv(fd_, part, sizeof part, 0)) > 0;)
      text.append(part, static_cast<std::size_t>(got));
    return text;
  }

 private:
  int fd_;
};

inline std::string exchange(unsigned port, std::string_view request) {
  return RawClient(port).say(request).hear();
}

}  // namespace realtime::http::testing
