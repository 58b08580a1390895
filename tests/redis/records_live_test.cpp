#include "redis/queue_fixture.hpp"
#include "redis/records.hpp"
#include "redis/rights.hpp"
#include "redis/server_facts.hpp"
#include "support/stopwatch.hpp"

namespace realtime::redis {
namespace {

using Texts = std::vector<std::optional<std::string>>;

class RecordStoreTest : public QueueTest {
 protected:
  const std::vector<std::string> queues{"q", "other"};
  RecordStore store{server.endpoint()};
};

TEST_F(RecordStoreTest, ReadsAllInOrder) {
  server({"SET", "{other}:position", "R7"});
  EXPECT_EQ(*store.read_all(queues), (Texts{std::nullopt, "R7"}));
  server.kill_hard();
  EXPECT_FALSE(store.read_all(queues));
  server.start();
  EXPECT_EQ(*store.read_all(queues), (Texts{std::nullopt, "R7"}));  // connects anew
}

TEST_F(RecordStoreTest, ReplacesOnlyWhatWasExpected) {
  Result<Replaced> made = store.replace("q", std::nullopt, "R1");
  ASSERT_TRUE(made);
  EXPECT_TRUE(made->replaced);
  EXPECT_FALSE(store.replace("q", std::nullopt, "R2")->replaced);
  EXPECT_EQ(store.replace("q", "R0", "R2")->current, "R1");
  EXPECT_TRUE(store.replace("q", "R1", "R2")->replaced);
  EXPECT_EQ(record(), "R2");
  server({"DEL", kRecordKey});
  const Result<Replaced> gone = store.replace("q", "R2", "R3");
  EXPECT_FALSE(gone->replaced);
  EXPECT_EQ(gone->current, std::nullopt);
  EXPECT_FALSE(store.replace("q", "", "R3")->replaced);  // an empty text is not a missing record
}

TEST_F(RecordStoreTest, TakingOverFencesTheFormerOwner) {
  ListQueue former{server.endpoint(), "q"};
  open(former);
  push(former, {"a"}, "epoch 1");
  EXPECT_TRUE(store.replace("q", "epoch 1", "epoch 2")->replaced);
  const Observation seen = push(former, {"b"}, "epoch 1, more");
  EXPECT_EQ(seen.record, "epoch 2");
  EXPECT_EQ(list(), "a");
}

TEST_F(RecordStoreTest, LooksAtEachKey) {
  server({"LPUSH", "q", "a", "b"});
  EXPECT_EQ(store.look_at(queues)->at(0).length, 2u);
  EXPECT_EQ(store.look_at(queues)->at(1).type, "none");
  EXPECT_EQ(store.look_at(queues)->at(1).length, 0u);
  server({"XADD", "other", "*", "a", "b"});
  EXPECT_EQ(store.look_at(queues)->at(1).type, "stream");
  EXPECT_EQ(store.look_at(queues)->at(1).length, 1u);
  server({"SET", "q", "text"});
  EXPECT_EQ(store.look_at(queues)->at(0).type, "string");
  EXPECT_EQ(store.look_at(queues)->at(0).length, std::nullopt);
}

TEST_F(RecordStoreTest, FactsOfTheServer) {
  const Result<ServerFacts> facts = ask_facts(store.client());
  ASSERT_TRUE(facts);
  EXPECT_TRUE(facts->version);
  EXPECT_EQ(facts->role, "master");
  EXPECT_EQ(facts->cluster, false);
  EXPECT_EQ(facts->max_memory, 0u);
  EXPECT_GT(facts->used_memory.value_or(0), 0u);
  EXPECT_EQ(facts->eviction, "noeviction");
  EXPECT_EQ(facts->append_only, true);
  EXPECT_EQ(facts->append_fsync, "always");
  EXPECT_EQ(facts->snapshots, "");
  EXPECT_EQ(facts->max_message_bytes, 512u << 20);
}

TEST_F(RecordStoreTest, AStopIsHeardWhileRedisIsSilent) {
  bool stop = false;
  RecordStore patient(server.endpoint(), [&] { return stop; });
  ASSERT_TRUE(patient.read_all(queues));
  server.pause();
  stop = true;
  const Stopwatch watch;
  EXPECT_EQ(patient.read_all(queues).error().kind, ErrorKind::stopped);
  EXPECT_LT(watch.elapsed(), std::chrono::seconds(1));
  server.resume();
}

class BacklogTest : public QueueTest {
 protected:
  QueueKey key(const std::string& name) {
    RecordStore store(server.endpoint());
    return store.look_at(std::vector<std::string>{name})->front();
  }
};

TEST_F(BacklogTest, OfAListIsItsLength) {
  server({"LPUSH", "l", "a", "b"});
  EXPECT_EQ(key("l").waiting, 2u);
}

TEST_F(BacklogTest, OfAStreamIsWhatTheSlowestGroupHasNotAcknowledged) {
  for (int i = 1; i <= 5; ++i) server({"XADD", "s", std::to_string(i) + "-0", "payload", "x"});
  EXPECT_EQ(key("s").waiting, std::nullopt) << "without a group nobody knows";
  server({"XGROUP", "CREATE", "s", "fast", "0"});
  server({"XREADGROUP", "GROUP", "fast", "c", "STREAMS", "s", ">"});
  EXPECT_EQ(key("s").waiting, 5u) << "read, and not acknowledged";
  server({"XACK", "s", "fast", "1-0", "2-0", "3-0", "4-0", "5-0"});
  EXPECT_EQ(key("s").waiting, 0u);
  EXPECT_EQ(key("s").length, 5u);
  server({"XGROUP", "CREATE", "s", "slow", "0", "ENTRIESREAD", "0"});
  EXPECT_EQ(key("s").waiting, 5u);
  EXPECT_EQ(key("s").cut_unread, 0u);
  server({"XTRIM", "s", "MAXLEN", "2"});
  EXPECT_EQ(key("s").waiting, 2u);
  EXPECT_EQ(key("s").cut_unread, 3u) << "of the slow group";
}

/// Runs everything as the user that acl_statement makes; and with each right taken away.
class RightsTest : public QueueTest {
 protected:
  Endpoint as(const std::string& user) {
    Endpoint endpoint = server.endpoint();
    endpoint.username = user;
    endpoint.password = [] { return Result<std::string>("secret"); };
    endpoint.client_name = "name";
    return endpoint;
  }
  void make_user(const std::string& statement) {
    Client::Command command;
    std::size_t at = 0;
    for (std::size_t end; at < statement.size(); at = end + 1) {
      end = std::min(statement.find(' ', at), statement.size());
      const std::string word = statement.substr(at, end - at);
      command.push_back(word == "><password>" ? ">secret" : word);
    }
    EXPECT_EQ(server(command), "OK") << statement;
  }
};

TEST_F(RightsTest, TheStatementIsEnoughForEverything) {
  const std::vector<std::string> queues{"q", "odd*[name]"};
  make_user(acl_statement("realtime", queues, true));
  RecordStore store(as("realtime"));
  EXPECT_TRUE(store.read_all(queues));
  EXPECT_TRUE(store.replace("q", std::nullopt, "R0"));
  EXPECT_TRUE(store.look_at(queues)->at(0).length);
  EXPECT_TRUE(ask_facts(store.client())->max_message_bytes);
  ListQueue plain(as("realtime"), "q");
  EXPECT_FALSE(open(plain).error);
  EXPECT_FALSE(push(plain, {"a"}, "R1").error);
  EXPECT_FALSE(set(plain, "R2").error);
  EXPECT_FALSE(read(plain).error);
  StreamQueue stream(as("realtime"), "odd*[name]", 1000);
  EXPECT_FALSE(open(stream).error);
  const Observation seen = push(stream, {"a"}, "R1");
  EXPECT_FALSE(seen.error) << seen.error->message;
  EXPECT_EQ(seen.length, 1u);
  EXPECT_TRUE(server({"XGROUP", "CREATE", "odd*[name]", "g", "0"}) == "OK");
  EXPECT_EQ(store.look_at(queues)->at(1).waiting, 1u);
  EXPECT_EQ(server({"ACL", "LOG"}), "");  // nothing was refused on the way
  ListQueue foreign(as("realtime"), "foreign");
  EXPECT_EQ(open(foreign).error->kind, ErrorKind::redis_right_missing);
}

TEST_F(RightsTest, TheNeededOnesSuffice) {
  make_user("ACL SETUSER least on ><password> ~q ~{q}:position " + std::string(kNeededRights));
  const std::vector<std::string> queues{"q"};
  RecordStore store(as("least"));
  EXPECT_TRUE(store.read_all(queues));
  EXPECT_TRUE(store.replace("q", std::nullopt, "R0"));
  EXPECT_EQ(store.look_at(queues)->at(0).length, std::nullopt);
  EXPECT_FALSE(ask_facts(store.client())->version);
  ListQueue queue(as("least"), "q");
  EXPECT_FALSE(open(queue).error);
  const Observation seen = push(queue, {"a"}, "R1");
  EXPECT_FALSE(seen.error);
  EXPECT_EQ(seen.length, 1u);
  make_user("ACL SETUSER least " + std::string(kStreamRights) + " ~s ~{s}:position");
  StreamQueue stream(as("least"), "s", 10);
  EXPECT_FALSE(open(stream).error);
  EXPECT_EQ(push(stream, {"a"}, "R1").length, std::nullopt);
  EXPECT_EQ(push(stream, {"b"}, "R2", 2).record, "R2");
}

TEST_F(RightsTest, EachNeededRightIsMissedBeforeAnythingIsPushed) {
  std::string rights(kNeededRights);
  for (std::size_t at = 0; (at = rights.find('+', at)) != std::string::npos; ++at) {
    const std::string right = rights.substr(at + 1, rights.find(' ', at) - at - 1);
    server({"FLUSHALL"});
    make_user("ACL SETUSER user reset on ><password> ~q ~{q}:position " + std::string(kNeededRights) + " -" +
              right);
    RecordStore store(as("user"));
    ListQueue queue(as("user"), "q");
    // What every start does: read, take over, open; then push.
    const Result<Replaced> taken = store.replace("q", std::nullopt, "R0");
    const Observation opened = open(queue);
    std::optional<Error> error = taken ? opened.error : std::optional(taken.error());
    if (!error) error = push(queue, {"a"}, "R1").error;
    ASSERT_TRUE(error) << right;
    EXPECT_EQ(error->kind, ErrorKind::redis_right_missing) << right;
    EXPECT_EQ(list(), "") << right;
  }
}

}  // namespace
}  // namespace realtime::redis
