#include "redis/queue_fixture.hpp"

namespace realtime::redis {
namespace {

class StreamQueueTest : public QueueTest {
 protected:
  StreamQueue queue{server.endpoint(), "q"};
  std::string entries() { return server({"XRANGE", "q", "-", "+"}); }
};

TEST_F(StreamQueueTest, EachMessageHasItsNumberAsIdAndItsPosition) {
  open(queue);
  Frame frame = frame_of({"zero", "one", "", "three"}, 0x1'0000'00A0);
  fill_encoded(frame);
  queue.push(batch_of({{&frame, 1, 4, 41}}), "R1");
  const Observation seen = finish(queue);
  EXPECT_FALSE(seen.error) << seen.error->message;
  EXPECT_EQ(seen.record, "R1");
  EXPECT_EQ(seen.length, 2u);
  EXPECT_EQ(entries(),
            "41-0\npayload\none\nlsn\n1/A1\nxid\n700\n"
            "43-0\npayload\nthree\nlsn\n1/A3\nxid\n700");
}

TEST_F(StreamQueueTest, AStreamWithIdsOfSomebodyElseIsRefusedInWords) {
  server({"XADD", "q", "*", "payload", "theirs"});
  open(queue);
  const Observation seen = push(queue, {"a"}, "R1");
  ASSERT_TRUE(seen.error);
  EXPECT_EQ(seen.error->kind, ErrorKind::queue_ids_higher);
  EXPECT_FALSE(seen.error->what_to_do().empty());
  EXPECT_EQ(seen.record, std::nullopt);
  EXPECT_EQ(server({"XLEN", "q"}), "1");
  server({"DEL", "q"});  // the remedy works, without opening anew
  EXPECT_FALSE(read(queue).error);
  EXPECT_EQ(push(queue, {"a"}, "R1").record, "R1");
}

TEST_F(StreamQueueTest, IdsInTheMiddleOfABatchAreFoundBeforeAnythingIsPushed) {
  server({"XADD", "q", "5-0", "payload", "theirs"});
  open(queue);
  EXPECT_EQ(push(queue, {"4", "5", "6", "7"}, "R1", 4).error->kind, ErrorKind::queue_ids_higher);
  EXPECT_EQ(server({"XLEN", "q"}), "1");
}

TEST_F(StreamQueueTest, IdsAddedWhileWePushNeverLetTheRecordRunAhead) {
  open(queue);
  push(queue, {"1", "2", "3"}, "R3");
  server({"XADD", "q", "5-0", "payload", "theirs"});  // not seen by open()
  const Observation seen = push(queue, {"4", "5", "6"}, "R6", 4);
  ASSERT_TRUE(seen.error);
  EXPECT_EQ(seen.error->kind, ErrorKind::queue_ids_higher);
  EXPECT_EQ(seen.record, "R3");
  EXPECT_EQ(record(), "R3");
}

TEST_F(StreamQueueTest, ARepeatedPushIsNotTakenForDone) {
  open(queue);
  push(queue, {"1", "2"}, "R2");
  const Observation seen = push(queue, {"1", "2"}, "R2-again");
  EXPECT_EQ(seen.error->kind, ErrorKind::queue_ids_higher);
  EXPECT_EQ(seen.record, "R2");
  EXPECT_EQ(server({"XLEN", "q"}), "2");
}

TEST_F(StreamQueueTest, TrimsApproximatelyWhereAsked) {
  StreamQueue trimmed{server.endpoint(), "q", 200};
  open(trimmed);
  std::uint64_t number = 1;
  for (int i = 0; i < 10; ++i, number += 100) {
    const Observation seen = push(trimmed, std::vector<std::string>(100, "m"), "R", number);
    ASSERT_FALSE(seen.error) << seen.error->message;
  }
  const int length = std::stoi(server({"XLEN", "q"}));
  EXPECT_GE(length, 200);
  EXPECT_LT(length, 500);
  // A batch larger than what the stream keeps: its first message is gone, and still nothing is wrong.
  StreamQueue tiny{server.endpoint(), "q", 1};
  open(tiny);
  const Observation seen = push(tiny, std::vector<std::string>(500, "m"), "last", number);
  EXPECT_FALSE(seen.error);
  EXPECT_EQ(seen.record, "last");
}

TEST_F(StreamQueueTest, AKeyOfAnotherTypeLeavesTheRecordAlone) {
  server({"LPUSH", "q", "a list"});
  open(queue);
  const Observation seen = push(queue, {"a"}, "R1");
  EXPECT_EQ(seen.error->kind, ErrorKind::queue_wrong_type);
  EXPECT_EQ(seen.record, std::nullopt);
}

TEST_F(StreamQueueTest, LargeMessagesAreBorrowed) {
  open(queue);
  const Observation seen = push(queue, {"a", std::string(5 << 20, 'z'), "b"}, "R1");
  EXPECT_FALSE(seen.error);
  EXPECT_EQ(server({"XLEN", "q"}), "3");
  EXPECT_EQ(server({"XRANGE", "q", "3", "3"}), "3-0\npayload\nb\nlsn\n0/3\nxid\n700");
}

}  // namespace
}  // namespace realtime::redis
