#include "redis/queue_fixture.hpp"
#include "support/stopwatch.hpp"

// Method: a queue in use, one fault, then the record and the list must tell the same story.

namespace realtime::redis {
namespace {

class FaultsTest : public QueueTest {
 protected:
  ListQueue queue{server.endpoint(), "q"};

  void fill_memory() {
    server({"CONFIG", "SET", "maxmemory", "3mb"});
    server({"EVAL", "for i = 1, 200 do redis.call('APPEND', 'filler', string.rep('x', 20000)) end", "1",
            "filler"});
  }
  std::string id_of_queue_client() {
    const std::string clients = server({"CLIENT", "LIST", "TYPE", "NORMAL"});
    const std::size_t line = clients.rfind('\n', clients.find("name=victim")) + 1;
    return clients.substr(line + 3, clients.find(' ', line) - line - 3);
  }
};

TEST_F(FaultsTest, OutOfMemoryAbortsAllAndGoesAway) {
  open(queue);
  set(queue, "R1");
  fill_memory();
  const Observation seen = push(queue, {"a"}, "R2");
  ASSERT_TRUE(seen.error);
  EXPECT_EQ(seen.error->kind, ErrorKind::redis_out_of_memory) << seen.error->message;
  EXPECT_EQ(seen.record, "R1");
  EXPECT_TRUE(queue.is_open());
  EXPECT_EQ(server({"LLEN", "q"}), "0");
  server({"CONFIG", "SET", "maxmemory", "0"});
  EXPECT_EQ(push(queue, {"a"}, "R2").record, "R2");
}

TEST_F(FaultsTest, TheRecordAloneIsNeverRefusedForMemory) {
  open(queue);
  set(queue, "R1");
  fill_memory();
  const Observation seen = set(queue, "R2");
  EXPECT_FALSE(seen.error) << seen.error->message;
  EXPECT_EQ(seen.record, "R2");
}

TEST_F(FaultsTest, AForgottenScriptMakesNoDifference) {
  open(queue);
  push(queue, {"a"}, "R1");
  server({"SCRIPT", "FLUSH"});
  EXPECT_EQ(push(queue, {"b"}, "R2").record, "R2");
  EXPECT_EQ(list(), "b\na");
}

TEST_F(FaultsTest, AKilledConnectionLeavesItToTheRecord) {
  Endpoint endpoint = server.endpoint();
  endpoint.client_name = "victim";
  ListQueue victim(endpoint, "q");
  int delivered = 0, lost = 0;
  open(victim);
  for (int i = 1; i <= 40; ++i) {
    const std::string before = record(), text = "R" + std::to_string(i), message = "m" + std::to_string(i);
    Frame frame = frame_of({message, std::string(300'000, 'x')});
    fill_encoded(frame);
    victim.push(batch_of({{&frame, 0, 2, 1}}), text);
    if (i % 2 == 0) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));  // let it run: then only the reply is lost
    }
    server({"CLIENT", "KILL", "ID", id_of_queue_client()});
    Observation seen = finish(victim);
    if (!seen.record_read) {
      ASSERT_TRUE(seen.error);
      EXPECT_EQ(seen.error->kind, ErrorKind::redis_unreachable);
      EXPECT_FALSE(victim.is_open());
      seen = open(victim);
    }
    ASSERT_TRUE(seen.record_read);
    ASSERT_EQ(seen.record.value_or("(nil)"), record());
    const bool there = server({"LPOS", "q", message}) != "(nil)";
    EXPECT_EQ(there, seen.record == text);
    (there ? delivered : lost)++;
  }
  RecordProperty("delivered", delivered);
  RecordProperty("lost", lost);
}

TEST_F(FaultsTest, AKilledServerLeavesItToTheRecord) {
  open(queue);
  push(queue, {"a"}, "R1");
  Frame frame = frame_of({"b", std::string(4 << 20, 'x')});
  fill_encoded(frame);
  queue.push(batch_of({{&frame, 0, 2, 1}}), "R2");
  server.kill_hard();
  const Observation seen = finish(queue);
  ASSERT_TRUE(seen.error);
  EXPECT_EQ(seen.error->kind, ErrorKind::redis_unreachable);
  EXPECT_FALSE(seen.record_read);
  EXPECT_EQ(open(queue).error->kind, ErrorKind::redis_unreachable);
  EXPECT_FALSE(queue.is_open());
  server.start();
  const std::string there = open(queue).record.value_or("");
  EXPECT_EQ(server({"LLEN", "q"}), there == "R2" ? "3" : "1");
}

TEST_F(FaultsTest, AReplicaIsReadOnly) {
  open(queue);
  push(queue, {"a"}, "R1");
  server({"REPLICAOF", "127.0.0.1", std::to_string(testing::free_port())});
  const Observation seen = push(queue, {"b"}, "R2");
  ASSERT_TRUE(seen.error);
  EXPECT_EQ(seen.error->kind, ErrorKind::redis_read_only) << seen.error->message;
  EXPECT_EQ(seen.record, "R1");
  server({"CONFIG", "SET", "replica-serve-stale-data", "no"});
  EXPECT_EQ(push(queue, {"b"}, "R2").error->kind, ErrorKind::redis_read_only);  // MASTERDOWN
  server({"REPLICAOF", "NO", "ONE"});
  EXPECT_EQ(open(queue).record, "R1");
  EXPECT_EQ(push(queue, {"b"}, "R2").record, "R2");
}

TEST_F(FaultsTest, TooFewReplicas) {
  open(queue);
  server({"CONFIG", "SET", "min-replicas-to-write", "1"});
  EXPECT_EQ(push(queue, {"a"}, "R1").error->kind, ErrorKind::redis_cannot_persist);
  server({"CONFIG", "SET", "min-replicas-to-write", "0"});
  EXPECT_EQ(push(queue, {"a"}, "R1").record, "R1");
}

TEST_F(FaultsTest, AServerThatIsSilentIsATimeout) {
  Endpoint endpoint = server.endpoint();
  endpoint.silence = std::chrono::milliseconds(200);
  ListQueue impatient(endpoint, "q");
  open(impatient);
  server.pause();
  const Stopwatch watch;
  const Observation seen = push(impatient, {"a"}, "R1");
  server.resume();
  ASSERT_TRUE(seen.error);
  EXPECT_EQ(seen.error->kind, ErrorKind::redis_timeout);
  EXPECT_FALSE(seen.record_read);
  EXPECT_LT(watch.elapsed(), std::chrono::seconds(2));
}

TEST_F(FaultsTest, AMessageAboveTheServersLimitIsTooLarge) {
  open(queue);
  server({"CONFIG", "SET", "proto-max-bulk-len", "1mb"});
  Observation seen = push(queue, {std::string(2 << 20, 'x')}, "R1");
  ASSERT_TRUE(seen.error);
  EXPECT_FALSE(seen.record_read);
  // The server closes at once; its words may be overtaken by the reset of the connection.
  EXPECT_THAT(seen.error->kind, ::testing::AnyOf(ErrorKind::row_too_large, ErrorKind::redis_unreachable));
  EXPECT_EQ(server({"EXISTS", "q", kRecordKey}), "0");
}

TEST_F(FaultsTest, ADiskThatTakesNothingIsSaidWithWhatIsRead) {
  server({"CONFIG", "SET", "appendfsync", "everysec"});  // with "always" Redis ends
  open(queue);
  push(queue, {"a"}, "R1");
  EXPECT_FALSE(read(queue).unsaved);
  server.limit_files(0);
  EXPECT_EQ(server({"SET", "other", "x"}).substr(0, 2), "OK") << "before Redis knows";
  Observation seen = read(queue);
  for (int i = 0; i < 3'000 && !seen.unsaved; ++i) seen = read(queue);
  EXPECT_TRUE(seen.unsaved);
  EXPECT_TRUE(seen.record_read);
  ASSERT_TRUE(seen.error);
  EXPECT_EQ(seen.error->kind, ErrorKind::redis_cannot_persist);
  EXPECT_EQ(push(queue, {"b"}, "R2").error->kind, ErrorKind::redis_cannot_persist);
  ListQueue next(server.endpoint(), "q");
  EXPECT_TRUE(open(next).unsaved);
  server.limit_files(-1);
  for (int i = 0; i < 30'000 && seen.unsaved; ++i) seen = read(queue);
  EXPECT_FALSE(seen.unsaved);
  EXPECT_EQ(push(queue, {"b"}, "R2").record, "R2");
}

TEST_F(FaultsTest, WhoMayNotAskWhetherTheDiskTakesItIsNotToldOtherwise) {
  server({"ACL", "SETUSER", "blind", "on", ">secret", "~*", "+@all", "-info"});
  Endpoint endpoint = server.endpoint();
  endpoint.username = "blind";
  endpoint.password = [] { return Result<std::string>("secret"); };
  ListQueue blind(endpoint, "q");
  EXPECT_FALSE(open(blind).error);
  EXPECT_FALSE(read(blind).error);
  const std::string asked = server({"INFO", "commandstats"});
  EXPECT_NE(asked.find("cmdstat_info:calls="), std::string::npos);
  EXPECT_NE(asked.find("rejected_calls=1,failed_calls=0", asked.find("cmdstat_info")), std::string::npos)
      << "asked once a connection: " << asked.substr(asked.find("cmdstat_info"), 100);
}

}  // namespace
}  // namespace realtime::redis
