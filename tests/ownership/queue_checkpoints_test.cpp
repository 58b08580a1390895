#include "ownership/queue_checkpoints.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "realtime/checkpoint_text.hpp"

namespace realtime {
namespace {

using testing::HasSubstr;

/// Records in memory; a change may be refused from a moment on.
class MemoryStore final : public CheckpointStore {
 public:
  explicit MemoryStore(std::size_t queues) : texts(queues), lists(queues) {}
  std::size_t size() const override { return texts.size(); }
  Result<std::vector<std::optional<std::string>>> read_all() override { return texts; }
  Result<std::vector<QueueContents>> look_at_queues() override {
    return std::vector<QueueContents>(texts.size());
  }
  Result<std::vector<std::optional<std::string>>> read_lists() override { return lists; }
  Result<Swapped> compare_and_set(const CheckpointChange& change) override {
    if (changes_left-- <= 0) return Error{ErrorKind::redis_unreachable, "gone"};
    auto& text = texts[change.queue];
    if (text != change.expected) return Swapped{false, text};
    text = change.next;
    if (!change.lists.empty()) lists[change.queue] = change.lists;
    return Swapped{true, std::nullopt};
  }
  void rest() override {}

  std::vector<std::optional<std::string>> texts, lists;
  int changes_left = 1000;
};

Record record_of(std::uint64_t epoch) {
  Record record;
  record.epoch = epoch;
  record.position = {Lsn{0x500}, 50, std::nullopt, true};
  record.history = {42, 1, "app", "realtime"};
  return record;
}

class QueueCheckpointsTest : public ::testing::Test {
 protected:
  QueueCheckpointsTest() {
    for (std::size_t q = 0; q < 2; ++q) store_.texts[q] = format_record(record_of(7 + q));
  }
  std::uint64_t epoch_of(std::size_t q) const { return parse_record(*store_.texts[q])->epoch; }
  static std::vector<Record> records_of(const ReadCheckpoints& read) {
    std::vector<Record> records;
    for (const QueueView& queue : read.queues) records.push_back(queue.record.value_or(record_of(0)));
    return records;
  }

  std::uint64_t now_ = 1'000;
  const Claim claim_ = two_queues();
  MemoryStore store_{2};
  QueueCheckpoints checkpoints_{claim_, store_, [this] { return now_; }};

 private:
  static Claim two_queues() {
    Claim claim;
    claim.queues = {"search", "integration"};
    return claim;
  }
};

TEST_F(QueueCheckpointsTest, FencesAboveEveryEpochAndTheClock) {
  const auto read = checkpoints_.read();
  auto records = records_of(*read);
  EXPECT_TRUE(*checkpoints_.fence(*read, records));
  EXPECT_EQ(epoch_of(0), 1'000u);
  EXPECT_EQ(epoch_of(1), 1'000u);
  EXPECT_EQ(records[1].epoch, 1'000u);
  now_ = 3;  // a clock that was set back
  const auto again = checkpoints_.read();
  EXPECT_TRUE(*checkpoints_.fence(*again, records));
  EXPECT_EQ(epoch_of(0), 1'001u);
}

TEST_F(QueueCheckpointsTest, ARecordThatMovedIsTheOldOwnersLastWord) {
  const auto read = checkpoints_.read();
  const std::string moved = format_record(record_of(9));
  store_.texts[1] = moved;
  auto records = records_of(*read);
  EXPECT_FALSE(*checkpoints_.fence(*read, records));
  EXPECT_EQ(*store_.texts[1], moved);
}

TEST_F(QueueCheckpointsTest, CutOffBetweenTwoQueuesTheNextOneIsAboveBoth) {
  const auto read = checkpoints_.read();
  auto records = records_of(*read);
  store_.changes_left = 1;
  EXPECT_FALSE(checkpoints_.fence(*read, records));
  EXPECT_EQ(epoch_of(0), 1'000u);
  EXPECT_EQ(epoch_of(1), 8u);
  store_.changes_left = 1000;
  const auto again = checkpoints_.read();
  records = records_of(*again);
  EXPECT_TRUE(*checkpoints_.fence(*again, records));
  EXPECT_EQ(epoch_of(0), 1'001u);
  EXPECT_EQ(epoch_of(1), 1'001u);
}

// --- lists that are too long for a record ----------------------------------------------------------------------

Filter long_filter(const std::string& table) {
  std::string tables = "public." + table;
  for (int i = 0; i < 300; ++i) tables += ",public.table_" + std::to_string(i);
  return make_filter("wal2json", tables, "");
}

TEST_F(QueueCheckpointsTest, LongListsAreFencedBesideTheRecordAndFoundAgain) {
  Record record = record_of(7);
  record.filter = long_filter("a");
  store_.texts = {format_record(record_of(7)), format_record(record_of(7))};
  auto read = checkpoints_.read();
  std::vector<Record> records{record, record_of(7)};
  EXPECT_TRUE(*checkpoints_.fence(*read, records));
  EXPECT_TRUE(store_.lists[0]);
  EXPECT_FALSE(store_.lists[1]) << "its lists are short";
  read = checkpoints_.read();
  EXPECT_EQ(read->queues[0].record->filter.tables, record.filter.tables);
}

TEST_F(QueueCheckpointsTest, ListsThatAreGoneAreThoseOfTheSettingsOrOfAnotherQueue) {
  Record record = record_of(7);
  record.filter = long_filter("a");
  store_.texts = {format_record(record), format_record(record)};
  EXPECT_FALSE(checkpoints_.read()->queues[0].record->filter.knows_its_lists());
  store_.lists[1] = format_lists(long_filter("b"));
  EXPECT_FALSE(checkpoints_.read()->queues[0].record->filter.knows_its_lists()) << "other lists";
  store_.lists[1] = format_lists(record.filter);
  EXPECT_EQ(checkpoints_.read()->queues[0].record->filter.tables, record.filter.tables);
  store_.lists[1].reset();
  Claim claim = claim_;
  claim.filter = record.filter;
  QueueCheckpoints configured{claim, store_, [] { return 1u; }};
  EXPECT_EQ(configured.read()->queues[1].record->filter.tables, record.filter.tables);
}

TEST_F(QueueCheckpointsTest, NamesTheQueueWhoseRecordCannotBeRead) {
  store_.texts[1] = "not a record";
  const auto read = checkpoints_.read();
  ASSERT_TRUE(read && read->first_unreadable());
  EXPECT_THAT(read->first_unreadable()->message, HasSubstr("queue integration: "));
  EXPECT_TRUE(read->queues[0].record);
  EXPECT_FALSE(read->queues[1].record);
}

TEST_F(QueueCheckpointsTest, KnowsWhereAQueueWasWhoseRecordWent) {
  checkpoints_.remember(1, Lsn{0x700}, 70);
  store_.texts[1].reset();
  const auto read = checkpoints_.read();
  ASSERT_TRUE(read->queues[1].remembered);
  EXPECT_EQ(read->queues[1].remembered->number, 70u);
  EXPECT_FALSE(read->queues[0].remembered);
}

}  // namespace
}  // namespace realtime
