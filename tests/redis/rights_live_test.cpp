#include "redis/exec_gate.hpp"
#include "redis/queue_fixture.hpp"

// Rights that go while a queue is in use: the record and the queue tell the same story, also to an instance that
// knows nothing but them. The messages are equal, so that no comparison of contents could find out.

namespace realtime::redis {
namespace {

struct Case {
  const char* right;
  bool stream;
  const char* may_still = "";  ///< what the server does then
};

class ChangingRightsTest : public QueueTest, public ::testing::WithParamInterface<Case> {
 protected:
  ChangingRightsTest() { server({"ACL", "SETUSER", "role", "on", ">secret", "~*", "+@all"}); }

  Endpoint endpoint() {
    Endpoint endpoint = server.endpoint();
    endpoint.username = "role";
    endpoint.password = [] { return Result<std::string>("secret"); };
    endpoint.client_name = "subject";
    return endpoint;
  }
  std::unique_ptr<QueueSink> sink(const Endpoint& to, bool stream) {
    if (stream) return std::make_unique<StreamQueue>(to, "q");
    return std::make_unique<ListQueue>(to, "q");
  }
  void take(const std::string& right) { server({"ACL", "SETUSER", "role", "-" + right}); }
  void give(const std::string& right) { server({"ACL", "SETUSER", "role", "+" + right}); }
  std::string length(bool stream) { return server({stream ? "XLEN" : "LLEN", "q"}); }
  std::string of_our_client(const std::string& field) {
    const std::string clients = server({"CLIENT", "LIST"});
    const std::size_t name = clients.find("name=subject");
    if (name == std::string::npos) return {};
    const std::string line = clients.substr(name, clients.find('\n', name) - name);
    const std::size_t at = line.find(" " + field + "=") + field.size() + 2;
    return line.substr(at, line.find(' ', at) - at);
  }
  /// Until the server has queued so many commands of our client and has nothing of it left to read.
  void wait_until_queued(const std::string& commands) {
    for (int i = 0; i < 5'000; ++i) {
      if (of_our_client("multi") == commands && of_our_client("qbuf") == "0") return;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    ADD_FAILURE() << "not queued: " << server({"CLIENT", "LIST"});
  }
};

class AbortedTest : public ChangingRightsTest {};

TEST_P(AbortedTest, AMissingRightAbortsTheWholeStep) {
  const auto& [right, stream, may_still] = GetParam();
  auto queue = sink(endpoint(), stream);
  open(*queue);
  push(*queue, {"same"}, "R1", 1);
  take(right);
  const Observation seen = push(*queue, {"same"}, "R2", 2);
  ASSERT_TRUE(seen.error);
  EXPECT_EQ(seen.error->kind, ErrorKind::redis_right_missing) << seen.error->message;
  EXPECT_EQ(length(stream), "1");
  EXPECT_EQ(record(), "R1");
  give(right);
  auto next = sink(endpoint(), stream);  // knows only what Redis knows
  EXPECT_EQ(open(*next).record, "R1");
  EXPECT_EQ(push(*next, {"same"}, "R2", 2).record, "R2");
  EXPECT_EQ(length(stream), "2");
}

INSTANTIATE_TEST_SUITE_P(Rights, AbortedTest,
                         ::testing::Values(Case{"set", false}, Case{"type", false}, Case{"lpush", false},
                                           Case{"eval", false}, Case{"set", true}, Case{"type", true},
                                           Case{"xrange", true}, Case{"xadd", true}),
                         [](const auto& one) {
                           return one.param.right + std::string(one.param.stream ? "_stream" : "_list");
                         });

TEST_F(ChangingRightsTest, WithoutPersistTheStepIsDone) {
  auto queue = sink(endpoint(), false);
  open(*queue);
  push(*queue, {"same"}, "R1");
  take("persist");
  EXPECT_EQ(push(*queue, {"same"}, "R2").record, "R2");
  EXPECT_EQ(length(false), "2");
}

class BetweenTest : public ChangingRightsTest {};

TEST_P(BetweenTest, ARightToPushThatGoesBeforeExecLeavesTheRecord) {
  const auto& [right, stream, may_still] = GetParam();
  testing::ExecGate gate(server.port(), [this, stream = stream] { wait_until_queued(stream ? "5" : "4"); });
  Endpoint through = endpoint();
  through.port = gate.port();
  auto queue = sink(through, stream);
  open(*queue);
  push(*queue, {"same"}, "R1", 1);
  gate.at_next_exec([this, right = right] { take(right); });
  const Observation seen = push(*queue, {"same"}, "R2", 2);
  ASSERT_TRUE(seen.error);
  EXPECT_EQ(seen.error->kind, ErrorKind::redis_right_missing) << seen.error->message;
  EXPECT_EQ(seen.record, "R1");
  EXPECT_EQ(length(stream), "1");
  give(right);
  auto next = sink(endpoint(), stream);
  EXPECT_EQ(open(*next).record, "R1");
  EXPECT_EQ(push(*next, {"same"}, "R2", 2).record, "R2");
  EXPECT_EQ(length(stream), "2");
}

INSTANTIATE_TEST_SUITE_P(Rights, BetweenTest, ::testing::Values(Case{"lpush", false}, Case{"xadd", true}),
                         [](const auto& one) { return std::string(one.param.right); });

/// What stays open: a right of the script's own, in the moment of one write. The sink owes the record then.
class OwedTest : public ChangingRightsTest {
 protected:
  testing::ExecGate gate{server.port(), [this] { wait_until_queued("4"); }};
  std::unique_ptr<QueueSink> half;

  Observation push_without_its_record() {
    Endpoint through = endpoint();
    through.port = gate.port();
    half = sink(through, false);
    open(*half);
    gate.at_next_exec([this] { take("set"); });
    return push(*half, {"a"}, "R1");
  }
};

TEST_F(OwedTest, MessagesWithoutTheirRecordAreNeverPushedTwice) {
  Observation seen = push_without_its_record();
  ASSERT_TRUE(seen.error);
  EXPECT_THAT(seen.error->message, ::testing::HasSubstr("pushed, but the record could not be set"));
  EXPECT_EQ(seen.record, std::nullopt);
  EXPECT_EQ(list(), "a");
  for (int i = 0; i < 3; ++i) {
    seen = push(*half, {"a"}, "R1");
    EXPECT_TRUE(seen.error);
    EXPECT_TRUE(seen.record_read);
  }
  half->close();  // also a new connection remembers
  EXPECT_TRUE(open(*half).error);
  EXPECT_EQ(list(), "a");
  give("set");
  seen = push(*half, {"a"}, "R1");
  EXPECT_FALSE(seen.error) << seen.error->message;
  EXPECT_EQ(seen.record, "R1");
  EXPECT_EQ(list(), "a");
  EXPECT_EQ(push(*half, {"b"}, "R2").record, "R2");
  EXPECT_EQ(list(), "b\na");
}

TEST_F(OwedTest, WhatIsOwedIsForgottenWhenAnotherWritesTheRecord) {
  push_without_its_record();
  server({"SET", kRecordKey, "theirs"});
  give("set");
  EXPECT_EQ(read(*half).record, "theirs");
  EXPECT_EQ(record(), "theirs");
}

}  // namespace
}  // namespace realtime::redis
