#include "http/server.hpp"

#include <atomic>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/client/client.hpp"
#include "http/raw_client.hpp"
#include "http/running_server.hpp"
#include "support/stopwatch.hpp"

namespace realtime::http {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::EndsWith;
using testing::exchange;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::running_server;
using ::testing::StartsWith;

std::string ask(std::string_view request) {
  return exchange(running_server().port(), request);
}

TEST(HttpServer, AnswersGet) {
  EXPECT_THAT(ask("GET /ping HTTP/1.1\r\nHost: x\r\n\r\n"),
              AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), HasSubstr("\r\nContent-Length: 4\r\n"),
                    HasSubstr("\r\nContent-Type: text/plain\r\n"), EndsWith("\r\n\r\npong")));
}

TEST(HttpServer, LeavesTheQueryAside) {
  EXPECT_THAT(ask("GET /ping?a=b HTTP/1.1\r\nHost: x\r\n\r\n"), EndsWith("\r\n\r\npong"));
}

TEST(HttpServer, SendsSecurityHeadersAndForbidsCaches) {
  EXPECT_THAT(
      ask("GET /ping HTTP/1.1\r\nHost: x\r\n\r\n"),
      AllOf(HasSubstr("\r\nCache-Control: no-store\r\n"),
            HasSubstr("\r\nX-Content-Type-Options: nosniff\r\n"),
            HasSubstr("\r\nContent-Security-Policy: default-src 'none'\r\n"),
            HasSubstr("\r\nX-Frame-Options: DENY\r\n"), HasSubstr("\r\nReferrer-Policy: no-referrer\r\n")));
}

TEST(HttpServer, AnswersHeadWithoutABody) {
  EXPECT_THAT(
      ask("HEAD /ping HTTP/1.1\r\nHost: x\r\n\r\n"),
      AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), HasSubstr("\r\nContent-Length: 4\r\n"), EndsWith("\r\n\r\n")));
}

TEST(HttpServer, RefusesOtherMethods) {
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "PATCH"}) {
    EXPECT_THAT(ask(std::string(method) + " /ping HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"),
                AllOf(StartsWith("HTTP/1.1 405 "), HasSubstr("\r\nAllow: GET, HEAD\r\n")))
        << method;
  }
}

TEST(HttpServer, KnowsNoOtherPath) {
  for (const char* path : {"/", "/ping/", "/PING", "/../etc/passwd", "/%2e%2e/etc/passwd", "/ping%00"}) {
    EXPECT_THAT(ask(std::string("GET ") + path + " HTTP/1.1\r\nHost: x\r\n\r\n"),
                Not(StartsWith("HTTP/1.1 200")))
        << path;
  }
}

TEST(HttpServer, ReadsNoBody) {
  // The answer comes although the body that was promised never does.
  EXPECT_THAT(ask("GET /ping HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"),
              EndsWith("\r\n\r\npong"));
}

TEST(HttpServer, AnswersWhoBringsTheCookiesOfASharedDomain) {
  for (const std::size_t size : {3'000u, 4'200u, 8'000u, 16'300u}) {
    std::string head = "GET /ping HTTP/1.1\r\nHost: x\r\nCookie: a=";
    head += std::string(size - head.size() - 4, 'a') + "\r\n\r\n";
    EXPECT_THAT(ask(head), HasSubstr("pong")) << size;
  }
}

TEST(HttpServer, RefusesWhatIsTooLongOrNoHttp) {
  EXPECT_THAT(ask("GET /" + std::string(5000, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n"), Not(HasSubstr("pong")));
  EXPECT_THAT(ask("GET /ping HTTP/1.1\r\nA: " + std::string(25'000, 'a') + "\r\n\r\n"),
              Not(HasSubstr("pong")));
  EXPECT_THAT(ask("\x16\x03\x01 what is this\r\n\r\n"), Not(HasSubstr("pong")));
  EXPECT_THAT(ask("GET /ping HTTP/1.1\r\nHost: x\r\n\r\n"), HasSubstr("pong"));
}

TEST(HttpServer, SaysWhatItCouldNotRead) {
  EXPECT_THAT(ask("what is this\r\n\r\n"), AllOf(StartsWith("HTTP/1.1 400 Bad Request\r\n"),
                                                 HasSubstr("\r\nX-Content-Type-Options: nosniff\r\n"),
                                                 EndsWith("{\"error\":\"Bad Request\"}\n")));
}

TEST(HttpServer, SaysNothingOfWhatAHandlerThrows) {
  EXPECT_THAT(ask("GET /throws HTTP/1.1\r\nHost: x\r\n\r\n"),
              AllOf(StartsWith("HTTP/1.1 500 "), Not(HasSubstr("a secret"))));
}

TEST(HttpServer, AnswersManyAtOnce) {
  std::atomic<int> answered{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < 16; ++i) {
    clients.emplace_back([&] {
      for (int k = 0; k < 20; ++k) {
        const Answer answer =
            get("127.0.0.1", running_server().port(), k % 4 == 0 ? "/big" : "/ping", 5000ms);
        answered += answer && answer.status == 200 && answer.body.size() == (k % 4 == 0 ? 256u << 10 : 4u);
      }
    });
  }
  for (auto& client : clients) client.join();
  EXPECT_EQ(answered, 16 * 20);
}

TEST(HttpServer, APortThatIsTakenIsNamed) {
  ServerSettings settings;
  settings.bind = "127.0.0.1";
  settings.port = running_server().port();
  const auto second = Server::start(settings, {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::wrong_setting);
  EXPECT_THAT(second.error().message,
              AllOf(HasSubstr("HASH_REALTIME_PORT=" + std::to_string(settings.port)), HasSubstr("taken")));
}

TEST(HttpServer, AnAddressThatIsNotOursIsAWrongSetting) {
  for (const char* bind : {"192.0.2.1", "::", "no address"}) {
    ServerSettings settings;
    settings.bind = bind;
    settings.port = 0;
    const auto server = Server::start(settings, {});
    ASSERT_FALSE(server);
    EXPECT_EQ(server.error().kind, ErrorKind::wrong_setting);
    EXPECT_THAT(server.error().message, HasSubstr(std::string("HASH_REALTIME_BIND=") + bind));
  }
}

TEST(HttpServer, StopsSoonAndBesideOtherWork) {
  ServerSettings settings;
  settings.port = 0;  // every address: stopping must find a way to its own port
  auto server = Server::start(settings, {});
  ASSERT_TRUE(server);
  std::this_thread::sleep_for(50ms);  // all threads wait
  const Stopwatch watch;
  (*server)->begin_stop();
  EXPECT_LT(watch.elapsed(), 100ms);
  (*server)->finish_stop();
  EXPECT_LT(watch.elapsed(), 1s);
  EXPECT_FALSE(get("127.0.0.1", (*server)->port(), "/", 200ms));
}

}  // namespace
}  // namespace realtime::http
