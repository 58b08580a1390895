// 200 clients that connect and then do not go on: a probe must be answered within a second all the same,
// again and again, and the server must go on when they leave.
#include <chrono>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/machine_limits.hpp"
#include "http/client/client.hpp"
#include "http/raw_client.hpp"
#include "http/running_server.hpp"
#include "support/stopwatch.hpp"

namespace realtime::http {
namespace {

using namespace std::chrono_literals;
using testing::RawClient;
using testing::running_server;

#ifdef REALTIME_SANITIZED
constexpr auto kPrompt = 5s;
#else
constexpr auto kPrompt = 1s;
#endif

void expect_prompt_answers() {
  for (int i = 0; i < 5; ++i) {
    const Stopwatch watch;
    const Answer answer = get("127.0.0.1", running_server().port(), "/ping", 60s);
    EXPECT_LT(watch.elapsed(), kPrompt);
    EXPECT_EQ(answer.body, "pong") << answer.error;
    std::this_thread::sleep_for(20ms);
  }
}

std::vector<RawClient> stall(int count, std::string_view said) {
  std::vector<RawClient> clients;
  for (int i = 0; i < count; ++i) {
    clients.emplace_back(running_server().port());
    if (!said.empty()) clients.back().say(said);
  }
  return clients;
}

TEST(StalledClients, SilentOnesStarveNobody) {
  const auto clients = stall(200, "");
  expect_prompt_answers();
}

TEST(StalledClients, HalfARequestStarvesNobody) {
  const auto clients = stall(200, "GET /ping HTTP/1.1\r\nHo");
  expect_prompt_answers();
}

TEST(StalledClients, HalfABodyStarvesNobody) {
  const auto clients = stall(200, "POST /ping HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc");
  expect_prompt_answers();
}

TEST(StalledClients, ThoseThatDoNotReadTheirAnswerStarveNobody) {
  const auto clients = stall(200, "GET /big HTTP/1.1\r\nHost: x\r\n\r\n");
  expect_prompt_answers();
}

// As under a limit of 100 threads.
TEST(StalledClients, SixHundredStarveNobodyWhereThreadsAreFew) {
  machine::raise_descriptor_limit(4096);
  Routes routes;
  routes["/ping"] = [] { return Response{200, "text/plain", "pong", "default-src 'none'"}; };
  ServerSettings settings;
  settings.bind = "127.0.0.1";
  settings.port = 0;
  settings.threads = 60;
  auto server = Server::start(settings, std::move(routes));
  ASSERT_TRUE(server);
  std::vector<RawClient> clients;
  for (int i = 0; i < 600; ++i) clients.emplace_back((*server)->port()).say("GET /ping HTTP/1.1\r\nHo");
  for (int i = 0; i < 2; ++i) {
    const auto asked = std::chrono::steady_clock::now();
    EXPECT_EQ(get("127.0.0.1", (*server)->port(), "/ping", 10s).body, "pong");
    EXPECT_LT(std::chrono::steady_clock::now() - asked, 2 * kPrompt);
  }
}

TEST(StalledClients, FewerThreadsGiveAClientLessTime) {
  ServerSettings settings;
  EXPECT_GT(time_of_a_request(settings), 400ms);
  settings.threads = 60;
  EXPECT_LT(time_of_a_request(settings) * (600 / 60 + 1), 1800ms);
  settings.threads = 1;
  EXPECT_GE(time_of_a_request(settings), 20ms);
}

TEST(StalledClients, AreSentAwayAfterTheTimeout) {
  const Stopwatch watch;
  RawClient(running_server().port()).say("GET /pi").hear();
  EXPECT_LT(watch.elapsed(), 1s);
}

TEST(StalledClients, DripIsNoWayAroundTheTimeout) {
  RawClient client(running_server().port());
  const Stopwatch watch;
  std::thread drip([&] {
    for (int i = 0; i < 12; ++i) {
      client.say("a");
      std::this_thread::sleep_for(100ms);
    }
  });
  client.hear();
  EXPECT_LT(watch.elapsed(), 1s);
  drip.join();
}

}  // namespace
}  // namespace realtime::http
