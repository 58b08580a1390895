#include "config/queues.hpp"

#include <gtest/gtest.h>

namespace realtime {
namespace {

TEST(QueueList, NamesAndKinds) {
  const auto queues = parse_queue_list(" a , list:b,stream:c,\n list:d:e:f ");
  ASSERT_TRUE(queues) << queues.error().message;
  EXPECT_EQ(*queues, (std::vector<QueueSpec>{{QueueKind::list, "a"},
                                             {QueueKind::list, "b"},
                                             {QueueKind::stream, "c"},
                                             {QueueKind::list, "d:e:f"}}));
  EXPECT_TRUE(parse_queue_list("  ")->empty());
}

TEST(QueueList, RefusesWhatIsNoList) {
  for (const char* text : {",", "a,", ",a", "a,,b", "list:", "stream:", ":a", "a b", "zset:a", "List:a"}) {
    EXPECT_FALSE(parse_queue_list(text)) << text;
  }
  const auto unknown = parse_queue_list("hash:search");
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().message.find("list:hash:search"), std::string::npos);
}

TEST(QueueList, IsBounded) {
  std::string text = "q0";
  for (std::size_t i = 1; i < kMaxQueues; ++i) text += ",q" + std::to_string(i);
  EXPECT_TRUE(parse_queue_list(text));
  EXPECT_FALSE(parse_queue_list(text + ",more"));
}

TEST(QueueName, RefusesWhatWouldMeetOtherKeys) {
  for (const char* name : {"", "a{b", "a}b", "{a}", "a b", "a\tb", "a\nb", "a\x7F", "a\xC2\x85", "a\xFF",
                           "q-processing", "q-owner", "q:position"}) {
    EXPECT_TRUE(queue_name_complaint(name)) << name;
  }
  EXPECT_TRUE(queue_name_complaint(std::string(kMaxQueueName + 1, 'x')));
}

TEST(QueueName, TakesTheRest) {
  for (const char* name :
       {"search", "hash:search", "größe", "processing", "q-processing2", "position", "a*b?", "q/1"}) {
    EXPECT_FALSE(queue_name_complaint(name)) << name;
  }
  EXPECT_FALSE(queue_name_complaint(std::string(kMaxQueueName, 'x')));
}

TEST(Queues, ANameTwiceIsRefusedAlsoWithAnotherKind) {
  EXPECT_FALSE(queues_complaint({{QueueKind::list, "a"}, {QueueKind::list, "b"}}));
  EXPECT_TRUE(queues_complaint({{QueueKind::list, "a"}, {QueueKind::list, "a"}}));
  EXPECT_TRUE(queues_complaint({{QueueKind::list, "a"}, {QueueKind::stream, "a"}}));
  std::vector<QueueSpec> many;
  for (std::size_t i = 0; i <= kMaxQueues; ++i) many.push_back({QueueKind::list, std::to_string(i)});
  EXPECT_TRUE(queues_complaint(many));
}

}  // namespace
}  // namespace realtime
