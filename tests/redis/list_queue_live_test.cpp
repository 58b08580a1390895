#include "redis/queue_fixture.hpp"

namespace realtime::redis {
namespace {

class ListQueueTest : public QueueTest {
 protected:
  ListQueue queue{server.endpoint(), "q"};
};

std::vector<std::string> numbered(std::size_t count) {
  std::vector<std::string> messages;
  for (std::size_t i = 0; i < count; ++i) messages.push_back("m" + std::to_string(i));
  return messages;
}

TEST_F(ListQueueTest, OpenReadsAMissingRecordAndAPresentOne) {
  Observation seen = open(queue);
  EXPECT_FALSE(seen.error);
  EXPECT_TRUE(seen.record_read);
  EXPECT_EQ(seen.record, std::nullopt);
  EXPECT_FALSE(set(queue, "R1").error);
  queue.close();
  EXPECT_FALSE(queue.is_open());
  EXPECT_EQ(open(queue).record, "R1");
}

TEST_F(ListQueueTest, TheOldestMessageIsAtTheRightAndTheRecordIsThere) {
  open(queue);
  const Observation seen = push(queue, {"first", "second", "third"}, "R1");
  EXPECT_FALSE(seen.error) << seen.error->message;
  EXPECT_EQ(seen.record, "R1");
  EXPECT_EQ(seen.length, 3u);
  EXPECT_EQ(list(), "third\nsecond\nfirst");
  EXPECT_EQ(server({"BRPOPLPUSH", "q", "q-processing", "0"}), "first");
  EXPECT_EQ(push(queue, {"fourth"}, "R2").length, 3u);
  EXPECT_EQ(list(), "fourth\nthird\nsecond");
}

TEST_F(ListQueueTest, PiecesInTheMiddleOfFramesAndChangesThatAreNotDelivered) {
  open(queue);
  Frame one = frame_of({"a", "", "b", "c", "", "d"});
  Frame two = frame_of({"", "e", "f", ""});
  fill_encoded(one);
  fill_encoded(two);
  queue.push(batch_of({{&one, 1, 5, 2}, {&two, 0, 2, 7}}), "R1");
  EXPECT_EQ(finish(queue).record, "R1");
  EXPECT_EQ(list(), "e\nc\nb");
  queue.push(batch_of({{&two, 3, 4, 9}}), "R2");  // nothing to deliver, but a number to record
  const Observation seen = finish(queue);
  EXPECT_FALSE(seen.error);
  EXPECT_EQ(seen.record, "R2");
  EXPECT_EQ(list(), "e\nc\nb");
}

TEST_F(ListQueueTest, MoreMessagesThanOneCommandTakes) {
  open(queue);
  for (const std::size_t count : {3897u, 3898u, 3899u, 12'000u}) {
    server({"DEL", "q"});
    const std::vector<std::string> messages = numbered(count);
    const Observation seen = push(queue, messages, "R" + std::to_string(count));
    EXPECT_FALSE(seen.error);
    EXPECT_EQ(seen.length, count);
    EXPECT_EQ(server({"LINDEX", "q", "-1"}), "m0");
    EXPECT_EQ(server({"LINDEX", "q", "0"}), messages.back());
    EXPECT_EQ(server({"LINDEX", "q", "-3899"}), count >= 3899 ? "m3898" : "(nil)");
  }
  const std::string calls = server({"INFO", "commandstats"});
  EXPECT_THAT(calls, ::testing::HasSubstr("cmdstat_lpush:calls=8,"));  // 1 + 1 + 2 + 4
}

TEST_F(ListQueueTest, ALargeMessageGoesOutInParts) {
  open(queue);
  const std::string large(64 << 20, 'x');
  const Observation seen = push(queue, {"before", large, "after"}, "R1");
  EXPECT_FALSE(seen.error) << seen.error->message;
  EXPECT_EQ(seen.record, "R1");
  EXPECT_EQ(server({"LLEN", "q"}), "3");
  EXPECT_EQ(server({"EVAL", "return #redis.call('LINDEX', 'q', 1)", "1", "q"}), std::to_string(large.size()));
}

TEST_F(ListQueueTest, AServerThatReadsSlowlyGetsItAll) {
  open(queue);
  server.pause();
  Frame frame = frame_of({std::string(8 << 20, 'y'), "end"});
  fill_encoded(frame);
  queue.push(batch_of({{&frame, 0, 2, 1}}), "R1");
  EXPECT_FALSE(queue.poll(std::chrono::steady_clock::now()));
  EXPECT_TRUE(queue.wait().events & POLLOUT);  // the socket is full, and nothing waits inside poll()
  server.resume();
  EXPECT_EQ(finish(queue).record, "R1");
  EXPECT_EQ(server({"LLEN", "q"}), "2");
}

TEST_F(ListQueueTest, AKeyOfAnotherTypeLeavesTheRecordAlone) {
  open(queue);
  set(queue, "R1");
  server({"SET", "q", "a string"});
  const Observation seen = push(queue, {"a"}, "R2");
  ASSERT_TRUE(seen.error);
  EXPECT_EQ(seen.error->kind, ErrorKind::queue_wrong_type);
  EXPECT_EQ(seen.record, "R1");
  EXPECT_TRUE(queue.is_open());
  server({"DEL", "q"});
  EXPECT_EQ(push(queue, {"a"}, "R2").record, "R2");
}

TEST_F(ListQueueTest, ARecordChangedByAnotherVoidsThePush) {
  open(queue);
  set(queue, "R1");
  server({"SET", kRecordKey, "theirs"});
  const Observation seen = push(queue, {"a"}, "R2");
  EXPECT_FALSE(seen.error);
  EXPECT_EQ(seen.record, "theirs");
  EXPECT_EQ(list(), "");
  EXPECT_EQ(push(queue, {"a"}, "R2").record, "R2");  // having seen it, the next one counts again
}

TEST_F(ListQueueTest, ReadingWatchesAnewAfterAChangeByAnother) {
  open(queue);
  server({"SET", kRecordKey, "theirs"});
  EXPECT_EQ(read(queue).record, "theirs");
  EXPECT_EQ(push(queue, {"a"}, "R1").record, "R1");
}

TEST_F(ListQueueTest, TheRecordNeverExpires) {
  open(queue);
  set(queue, "R1");
  server({"EXPIRE", kRecordKey, "1000"});
  read(queue);
  push(queue, {"a"}, "R2");
  EXPECT_EQ(server({"TTL", kRecordKey}), "-1");
}

TEST_F(ListQueueTest, ConsumersMayPopBetweenWatchAndExec) {
  open(queue);
  push(queue, {"a", "b"}, "R1");
  server({"RPOP", "q"});
  EXPECT_EQ(push(queue, {"c"}, "R2").record, "R2");
  EXPECT_EQ(list(), "c\nb");
}

}  // namespace
}  // namespace realtime::redis
