#include "http/client/client.hpp"

#include <thread>

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/stopwatch.hpp"

namespace realtime::http {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

/// A server that says one fixed text to one client, closes or keeps silent.
class OneAnswer {
 public:
  OneAnswer(std::string text, bool close_after) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof name;
    EXPECT_EQ(::bind(fd_, reinterpret_cast<sockaddr*>(&name), length), 0);
    EXPECT_EQ(::listen(fd_, 1), 0);
    EXPECT_EQ(::getsockname(fd_, reinterpret_cast<sockaddr*>(&name), &length), 0);
    port = ntohs(name.sin_port);
    thread_ = std::thread([this, text = std::move(text), close_after] {
      const int client = ::accept(fd_, nullptr, nullptr);
      char request[1000];
      (void)!::recv(client, request, sizeof request, 0);
      for (std::size_t at = 0; at < text.size();) {
        const ssize_t sent = ::send(client, text.data() + at, text.size() - at, MSG_NOSIGNAL);
        if (sent <= 0) break;
        at += static_cast<std::size_t>(sent);
      }
      if (!close_after) (void)!::recv(client, request, sizeof request, 0);  // until the client leaves
      ::close(client);
    });
  }
  ~OneAnswer() {
    thread_.join();
    ::close(fd_);
  }
  unsigned port = 0;

 private:
  int fd_;
  std::thread thread_;
};

Answer ask(std::string text, bool close_after = true) {
  const OneAnswer server(std::move(text), close_after);
  return get("0.0.0.0", server.port, "/status", 300ms);
}

TEST(HttpClient, ReadsStatusAndBody) {
  const Answer answer = ask("HTTP/1.1 503 Service Unavailable\r\nA: b\r\n\r\n{}");
  EXPECT_TRUE(answer);
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.body, "{}");
}

TEST(HttpClient, RefusesWhatIsNoHttp) {
  for (const char* text :
       {"", "HTTP", "HTTP/1.1 abc\r\n\r\n", "HTTP/1.1\r\n\r\n", "SSH-2.0-x\r\n\r\n", "HTTP/1.1 200 OK\r\n"}) {
    EXPECT_THAT(ask(text).error, HasSubstr("does not speak HTTP")) << text;
  }
}

TEST(HttpClient, DoesNotWaitBeyondItsDeadline) {
  const Stopwatch watch;
  EXPECT_THAT(ask("HTTP/1.1 200 OK\r\n\r\nhalf", false).error, HasSubstr("no answer in time"));
  EXPECT_LT(watch.elapsed(), 1s);
}

TEST(HttpClient, DoesNotSwallowWithoutBound) {
  EXPECT_THAT(ask("HTTP/1.1 200 OK\r\n\r\n" + std::string(8 << 20, 'x')).error, HasSubstr("too large"));
}

TEST(HttpClient, SaysWhenNobodyListens) {
  EXPECT_THAT(get("127.0.0.1", 1, "/", 300ms).error, HasSubstr("Connection refused"));
}

}  // namespace
}  // namespace realtime::http
