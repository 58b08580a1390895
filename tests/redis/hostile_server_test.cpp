#include <atomic>

#include <netinet/in.h>
#include <sys/socket.h>

#include "redis/queue_fixture.hpp"

// Method: something that listens like Redis and answers each connection with bytes of the test's choice.
// Whatever it says, the queue must end the operation with an error and never claim to have read a record.

namespace realtime::redis {
namespace {

/// Answers every connection with the same bytes, then closes it (or keeps it open). One thread of its own.
class Impostor {
 public:
  Impostor(std::string answer, bool keeps_open) : answer_(std::move(answer)), keeps_open_(keeps_open) {
    listener_ = net::FileDescriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), size);
    ::listen(listener_.get(), 8);
    ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~Impostor() {
    stop_ = true;
    ::shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
  }
  std::uint16_t port = 0;

 private:
  void serve() {
    std::vector<net::FileDescriptor> kept;
    while (!stop_) {
      net::FileDescriptor client(::accept(listener_.get(), nullptr, nullptr));
      if (!client) continue;
      char ignored[4096];
      (void)::recv(client.get(), ignored, sizeof ignored, 0);
      (void)::send(client.get(), answer_.data(), answer_.size(), MSG_NOSIGNAL);
      if (keeps_open_) kept.push_back(std::move(client));
    }
  }
  std::string answer_;
  bool keeps_open_;
  net::FileDescriptor listener_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

Observation opened(const std::string& answer, bool keeps_open) {
  Impostor impostor(answer, keeps_open);
  Endpoint endpoint;
  endpoint.host = "127.0.0.1";
  endpoint.port = impostor.port;
  endpoint.silence = std::chrono::milliseconds(100);
  ListQueue queue(endpoint, "q");
  queue.open();
  Observation seen = finish(queue);
  EXPECT_EQ(queue.is_open(), seen.record_read);
  return seen;
}

// What open() asks: MULTI, EXEC, UNWATCH, WATCH, GET.
constexpr const char* kHonest = "+OK\r\n*0\r\n+OK\r\n+OK\r\n$2\r\nR1\r\n$13\r\naof_enabled:0\r\n";

TEST(HostileServer, AnHonestAnswerIsTaken) {
  const Observation seen = opened(kHonest, true);
  EXPECT_FALSE(seen.error);
  EXPECT_EQ(seen.record, "R1");
}

TEST(HostileServer, AnHonestAnswerCutAnywhereIsNone) {
  const std::string honest = kHonest;
  for (std::size_t size = 0; size < honest.size(); ++size) {
    const Observation seen = opened(honest.substr(0, size), false);
    EXPECT_TRUE(seen.error) << size;
    EXPECT_FALSE(seen.record_read) << size;
    EXPECT_EQ(seen.record, std::nullopt) << size;
  }
}

TEST(HostileServer, NoOtherAnswerIsTaken) {
  for (const std::string answer : {
           "HTTP/1.1 400 Bad Request\r\n\r\n",
           "+OK\r\n*1\r\n:1\r\n+OK\r\n+OK\r\n$2\r\nR1\r\n",      // an EXEC of what was not asked
           "+OK\r\n*0\r\n+OK\r\n+QUEUED\r\n$2\r\nR1\r\n",        // no watch
           "+OK\r\n*0\r\n+OK\r\n-NOPERM watch\r\n$2\r\nR1\r\n",  // refused watch
           "+OK\r\n*0\r\n+OK\r\n+OK\r\n:7\r\n",                  // a record that is a number
           "+OK\r\n*0\r\n+OK\r\n+OK\r\n*0\r\n",                  // or a list
           "+OK\r\n+OK\r\n+OK\r\n+OK\r\n$2\r\nR1\r\n",           // one reply too few, others in its place
           "$2\r\nR1\r\n+OK\r\n*0\r\n+OK\r\n+OK\r\n",            // out of order
           "*2147483647\r\n",
           "$536870912\r\n",
       }) {
    for (const bool keeps_open : {true, false}) {
      const Observation seen = opened(answer, keeps_open);
      EXPECT_TRUE(seen.error) << answer;
      EXPECT_FALSE(seen.record_read) << answer;
    }
  }
}

TEST(HostileServer, AnEndlessReplyEnds) {
  const Observation seen = opened("$500000000\r\n" + std::string(4 << 20, 'x'), true);
  ASSERT_TRUE(seen.error);
  EXPECT_THAT(seen.error->message, ::testing::HasSubstr("too large"));
}

TEST(HostileServer, SilenceIsATimeout) {
  EXPECT_EQ(opened("", true).error->kind, ErrorKind::redis_timeout);
}

}  // namespace
}  // namespace realtime::redis
