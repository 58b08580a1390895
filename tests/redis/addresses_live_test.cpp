#include "redis/queue_fixture.hpp"

// Method: a name with several addresses, from a resolver of the test's own; two real servers on one port of
// two loopback addresses, the second a replica of the first.

namespace realtime::redis {
namespace {

using namespace std::chrono_literals;

constexpr const char *kPrimary = "127.0.0.1", *kReplica = "127.0.0.2", *kNobody = "127.0.0.3";

class AddressesTest : public QueueTest {
 protected:
  AddressesTest() {
    for (int i = 0; i < 500 && replica({"ROLE"}).find("connected") == std::string::npos; ++i)
      std::this_thread::sleep_for(10ms);
  }
  /// The name leads to these addresses, in this order.
  Endpoint leading_to(const std::vector<const char*>& addresses) {
    net::Answer answer;
    for (const char* address : addresses)
      answer.addresses.push_back(net::Resolver::system().ask(address).answer()->addresses.front());
    resolvers_.push_back(std::make_unique<net::Resolver>([answer](const std::string&) { return answer; }));
    Endpoint endpoint = server.endpoint();
    endpoint.host = "redis.test";
    endpoint.resolver = resolvers_.back().get();
    endpoint.probe_key = kRecordKey;
    return endpoint;
  }
  void expect_to_write(const Endpoint& endpoint) {
    ListQueue queue(endpoint, "q");
    const Observation opened = open(queue);
    ASSERT_FALSE(opened.error) << opened.error->message;
    const std::string record = "R" + std::to_string(++records_);
    EXPECT_EQ(push(queue, {"a"}, record).record, record);
    EXPECT_EQ(server({"GET", kRecordKey}), record);
    queue.close();
  }

  testing::RedisServer replica{{"--bind", kReplica, "--port", std::to_string(server.port()), "--replicaof",
                                kPrimary, std::to_string(server.port())}};

 private:
  std::vector<std::unique_ptr<net::Resolver>> resolvers_;
  int records_ = 0;
};

TEST_F(AddressesTest, TheNextAddressWhereOneDoesNotTakeWrites) {
  expect_to_write(leading_to({kReplica, kPrimary}));
  expect_to_write(leading_to({kPrimary, kReplica}));
  expect_to_write(leading_to({kNobody, kReplica, kPrimary}));
}

TEST_F(AddressesTest, AlsoWhereRoleMayNotBeAsked) {
  for (testing::RedisServer* one : {&server, &replica}) {
    EXPECT_EQ((*one)({"ACL", "SETUSER", "default", "-role"}), "OK");
  }
  expect_to_write(leading_to({kReplica, kPrimary}));
  EXPECT_THAT(server({"INFO", "errorstats"}), ::testing::Not(::testing::HasSubstr("errorstat_READONLY")));
}

TEST_F(AddressesTest, AReplicaThatHasLostItsPrimary) {
  EXPECT_EQ(replica({"CONFIG", "SET", "replica-serve-stale-data", "no"}), "OK");
  EXPECT_EQ(replica({"REPLICAOF", kPrimary, "1"}), "OK");
  expect_to_write(leading_to({kReplica, kPrimary}));
  EXPECT_EQ(replica({"ACL", "SETUSER", "default", "-role"}), "OK");
  expect_to_write(leading_to({kReplica, kPrimary}));
}

TEST_F(AddressesTest, ASilentOneLeavesTimeForTheNext) {
  Endpoint endpoint = leading_to({kReplica, kPrimary});
  endpoint.silence = 600ms;
  replica.pause();
  expect_to_write(endpoint);
  replica.resume();
}

TEST_F(AddressesTest, WhereNoneTakesWritesTheReasonIsSaid) {
  ListQueue queue(leading_to({kNobody, kReplica}), "q");
  const Observation seen = open(queue);
  ASSERT_TRUE(seen.error);
  EXPECT_EQ(seen.error->kind, ErrorKind::redis_read_only);
  EXPECT_THAT(seen.error->message, ::testing::HasSubstr("127.0.0.2"));
  EXPECT_FALSE(queue.is_open());
}

TEST_F(AddressesTest, AResolverThatDoesNotAnswerHoldsNobodyUp) {
  struct Hung {
    std::mutex mutex;
    std::unique_lock<std::mutex> held{mutex};
  };
  const auto hung = std::make_shared<Hung>();
  net::Resolver resolver([hung](const std::string&) {
    const std::lock_guard wait(hung->mutex);
    return net::Answer{{}, "too late"};
  });
  Endpoint endpoint = server.endpoint();
  endpoint.host = "redis.test";
  endpoint.resolver = &resolver;
  endpoint.silence = 100ms;
  ListQueue queue(endpoint, "q");
  const TimePoint begun = std::chrono::steady_clock::now();
  queue.open();
  EXPECT_FALSE(queue.poll(begun));
  EXPECT_GE(queue.wait().fd, 0);
  const Observation seen = finish(queue);
  ASSERT_TRUE(seen.error);
  EXPECT_EQ(seen.error->kind, ErrorKind::redis_unreachable);
  EXPECT_THAT(seen.error->message, ::testing::HasSubstr("redis.test"));
  hung->held.unlock();
}

}  // namespace
}  // namespace realtime::redis
