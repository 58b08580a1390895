// What slot and records together decide at start: create, go on, or refuse in words.
#include "ownership/resume_decision.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "realtime/checkpoint_text.hpp"

namespace realtime {
namespace {

using testing::HasSubstr;

const Filter kFilter{"wal2json", "public.*", ""};

ServerView a_server() {
  ServerView server;
  server.here = {7, 3, "db", "slot"};
  server.wal_end = {1'000};
  server.slot_exists = true;
  server.confirmed = {100};
  return server;
}

Record a_record(std::uint64_t number, Lsn restart, bool clean = false) {
  Record record;
  record.epoch = 4;
  record.position = {restart, number, Identity{static_cast<std::uint32_t>(number), restart, 0}, clean};
  record.filter = kFilter;
  record.history = a_server().here;
  return record;
}

QueueView queue(const std::string& name, std::optional<Record> record = {}) {
  return {name, std::move(record), {}};
}

Resume resumed(const ServerView& server, const std::vector<QueueView>& queues,
               const Filter& filter = kFilter) {
  const ResumeDecision decision = decide_resume(server, queues, filter);
  EXPECT_TRUE(std::holds_alternative<Resume>(decision));
  return std::holds_alternative<Resume>(decision) ? std::get<Resume>(decision) : Resume{};
}

Error refused(const ServerView& server, const std::vector<QueueView>& queues) {
  const ResumeDecision decision = decide_resume(server, queues, kFilter);
  EXPECT_TRUE(std::holds_alternative<Error>(decision));
  return std::holds_alternative<Error>(decision) ? std::get<Error>(decision) : Error{ErrorKind::stopped, ""};
}

TEST(ResumeDecision, CreatesTheSlotWhereThereIsNeitherSlotNorRecord) {
  ServerView server = a_server();
  server.slot_exists = false;
  EXPECT_TRUE(std::holds_alternative<CreateSlot>(decide_resume(server, {queue("a"), queue("b")}, kFilter)));
}

TEST(ResumeDecision, RefusesAMissingSlotThatRecordsKnow) {
  ServerView server = a_server();
  server.slot_exists = false;
  const Error error = refused(server, {queue("a", a_record(5, {200})), queue("b", a_record(9, {300}))});
  EXPECT_EQ(error.kind, ErrorKind::slot_missing);
  EXPECT_THAT(error.message, HasSubstr("(0/12C, 0/3E8]"));
}

TEST(ResumeDecision, RefusesALostSlot) {
  ServerView server = a_server();
  server.slot_lost = true;
  EXPECT_EQ(refused(server, {queue("a", a_record(5, {200}))}).kind, ErrorKind::slot_lost);
  EXPECT_THAT(refused(server, {queue("a")}).message, HasSubstr("(0/64, 0/3E8]"));
}

TEST(ResumeDecision, BeginsWhereTheSlotIsIfNoQueueHasARecord) {
  const Resume resume = resumed(a_server(), {queue("a"), queue("b")});
  EXPECT_EQ(resume.start, Lsn{100});
  EXPECT_EQ(resume.base, (Position{{100}, 0, {}, true}));
  ASSERT_EQ(resume.records.size(), 2u);
  EXPECT_EQ(resume.records[1].history, a_server().here);
  ASSERT_EQ(resume.notices.size(), 1u);
  EXPECT_FALSE(resume.notices[0].loss);
}

TEST(ResumeDecision, GoesOnFromTheQueueThatIsFurthestBehind) {
  const Resume resume = resumed(a_server(), {queue("a", a_record(9, {200})), queue("b", a_record(5, {300}))});
  EXPECT_EQ(resume.start, Lsn{300});
  EXPECT_EQ(resume.base.number, 5u);
  EXPECT_EQ(resume.discard, Discard::through_last);
  EXPECT_FALSE(resume.transactions);
  EXPECT_FALSE(resume.last_number || resume.reconnect_after);
  EXPECT_EQ(resume.records[0], a_record(9, {200}));
  EXPECT_EQ(resume.records[1], a_record(5, {300}));
  EXPECT_TRUE(resume.notices.empty());
}

TEST(ResumeDecision, GivesQueuesThatAreLevelOnePoint) {
  const Resume resume =
      resumed(a_server(), {queue("a", a_record(5, {300})), queue("b", a_record(5, {320}, true))});
  EXPECT_EQ(resume.base, a_record(5, {320}, true).position);
  EXPECT_EQ(resume.records[0].position, resume.base);
}

TEST(ResumeDecision, LetsANewQueueBeginAtTheBase) {
  const Resume resume = resumed(a_server(), {queue("a", a_record(5, {300})), queue("new")});
  EXPECT_EQ(resume.records[1].position, resume.base);
  ASSERT_EQ(resume.notices.size(), 1u);
  EXPECT_FALSE(resume.notices[0].loss);
  EXPECT_EQ(resume.notices[0].queue, "new");
  EXPECT_EQ(resume.notices[0].from, Lsn{300});
}

TEST(ResumeDecision, SaysWhatAQueueHasMissedThatTheSlotNoLongerHolds) {
  const Resume resume =
      resumed(a_server(), {queue("a", a_record(9, {300})), queue("back", a_record(2, {50}))});
  EXPECT_EQ(resume.start, Lsn{300});
  EXPECT_EQ(resume.records[1].position.number, 9u);
  EXPECT_EQ(resume.records[1].loss, "0/32..0/12C");
  EXPECT_EQ(resume.records[0].loss, "");
  ASSERT_EQ(resume.notices.size(), 1u);
  EXPECT_TRUE(resume.notices[0].loss);
  EXPECT_EQ(resume.notices[0].queue, "back");
  EXPECT_EQ(resume.notices[0].from, Lsn{50});
  EXPECT_EQ(resume.notices[0].to, Lsn{300});
}

TEST(ResumeDecision, CountsOnWhereEveryRecordIsBehindTheSlot) {
  const Resume resume = resumed(a_server(), {queue("a", a_record(9, {40})), queue("b", a_record(2, {50}))});
  EXPECT_EQ(resume.start, Lsn{100});
  EXPECT_EQ(resume.base, (Position{{100}, 9, {}, true}));
  EXPECT_EQ(resume.records[0].loss, "0/28..0/64");
  EXPECT_EQ(resume.records[1].loss, "0/32..0/64");
  EXPECT_EQ(resume.notices.size(), 2u);
}

TEST(ResumeDecision, RemembersEarlierLosses) {
  Record record = a_record(2, {50});
  record.loss = "0/1..0/2";
  EXPECT_EQ(resumed(a_server(), {queue("a", record)}).records[0].loss, "0/1..0/2, 0/32..0/64");
  for (int i = 0; i < 6; ++i) record.loss += ", 0/1..0/2";
  const std::string seven = record.loss;
  EXPECT_EQ(resumed(a_server(), {queue("a", record)}).records[0].loss, seven + ", 0/32..0/64");
  for (int i = 0; i < 1'000; ++i) record.loss += ", 0/1..0/2";
  EXPECT_EQ(resumed(a_server(), {queue("a", record)}).records[0].loss, seven + ", 0/1..0/64")
      << "it stays bounded, and nothing is left out";
}

TEST(ResumeDecision, SaysThatRedisForgotWhatThisProcessRemembers) {
  std::vector<QueueView> queues = {queue("a"), queue("b")};
  queues[0].remembered = a_record(7, {400}).position;
  queues[1].remembered = a_record(6, {90}).position;
  queues[0].waited = 12;
  const Resume all = resumed(a_server(), queues);
  EXPECT_EQ(all.base.number, 7u) << "numbers are never used twice";
  ASSERT_EQ(all.notices.size(), 2u);
  EXPECT_TRUE(all.notices[0].loss && all.notices[1].loss);
  EXPECT_EQ(all.records[0].loss,
            "everything unread before 0/64 (about 12 messages; 0/64..0/190 is sent again)");
  EXPECT_EQ(
      all.notices[0].message,
      "queue a: Redis has forgotten its position (FLUSHALL, DEL or eviction?). Lost: " + all.records[0].loss);
  queues[0] = queue("a", a_record(7, {400}));
  const Resume one = resumed(a_server(), queues);
  EXPECT_TRUE(one.notices.at(0).loss);
  EXPECT_EQ(one.records[1].position, one.base);
  EXPECT_EQ(one.records[1].loss, "everything unread before 0/5A (0/5A..0/190 is missing too)");
}

struct Foreign {
  const char* name;
  void (*change)(Record&);
  ErrorKind kind;
};
class RefusesARecord : public testing::TestWithParam<Foreign> {};

TEST_P(RefusesARecord, OfAnotherHistory) {
  Record record = a_record(5, {300});
  GetParam().change(record);
  ServerView server = a_server();
  server.timelines = {{1, {150}}, {2, {280}}};
  const Error error = refused(server, {queue("fine", a_record(6, {310})), queue("odd one", record)});
  EXPECT_EQ(error.kind, GetParam().kind);
  EXPECT_THAT(error.message, HasSubstr("odd one"));
  server.slot_exists = false;  // then, too, it is the record that is wrong
  EXPECT_EQ(refused(server, {queue("fine", a_record(6, {310})), queue("odd one", record)}).kind,
            GetParam().kind);
}

INSTANTIATE_TEST_SUITE_P(
    ResumeDecision, RefusesARecord,
    testing::Values(
        Foreign{"cluster", [](Record& r) { r.history.system_identifier = 8; }, ErrorKind::other_history},
        Foreign{"database", [](Record& r) { r.history.database = "x"; }, ErrorKind::other_service},
        Foreign{"slot", [](Record& r) { r.history.slot = "x"; }, ErrorKind::other_service},
        Foreign{"later_timeline", [](Record& r) { r.history.timeline = 4; }, ErrorKind::other_history},
        Foreign{"past_the_switch", [](Record& r) { r.history.timeline = 2; }, ErrorKind::other_history},
        Foreign{"unknown_timeline", [](Record& r) { r.history.timeline = 0; }, ErrorKind::other_history},
        Foreign{"past_the_log", [](Record& r) { r.position.restart = {1'001}; }, ErrorKind::other_history},
        Foreign{"refused_before", [](Record& r) { r.refused = "gap"; }, ErrorKind::other_history}),
    [](const auto& foreign) { return std::string(foreign.param.name); });

TEST(ResumeDecision, GoesOnAfterAPromotionThatKeptThePosition) {
  Record record = a_record(5, {300});
  record.history.timeline = 2;
  ServerView server = a_server();
  server.timelines = {{1, {150}}, {2, {300}}};
  const Resume resume = resumed(server, {queue("a", record)});
  EXPECT_EQ(resume.start, Lsn{300});
  EXPECT_EQ(resume.records[0].history.timeline, 3u);
}

TEST(ResumeDecision, TakesTheEndOfTheLogAndTheConfirmedPointAsStillGood) {
  EXPECT_EQ(resumed(a_server(), {queue("a", a_record(5, {1'000}))}).start, Lsn{1'000});
  EXPECT_TRUE(resumed(a_server(), {queue("a", a_record(5, {100}))}).notices.empty());
}

TEST(ResumeDecision, LevelsTheQueuesWithTheOldFilterFirst) {
  const Filter changed{"wal2json", "public.other", ""};
  const Resume resume =
      resumed(a_server(), {queue("a", a_record(5, {300})), queue("b", a_record(9, {320}))}, changed);
  EXPECT_EQ(resume.filter, kFilter);
  EXPECT_EQ(resume.last_number, 9u);
  EXPECT_EQ(resume.reconnect_after, 9u);
  EXPECT_FALSE(resume.transactions);
}

/// Its digest is known, its lists are not.
Filter unknown_filter() {
  Filter filter = make_filter("wal2json", std::string(2'000, 'x'), "");
  filter.tables.clear();
  return filter;
}

TEST(ResumeDecision, WaitsWhereTheOldListsAreGoneAndTheQueuesAreNotLevel) {
  Record ahead = a_record(9, {300}), behind = a_record(5, {200});
  ahead.filter = unknown_filter();
  const Error error = refused(a_server(), {queue("a", behind), queue("b", ahead)});
  EXPECT_EQ(error.kind, ErrorKind::tables_unknown);
  EXPECT_THAT(error.message, HasSubstr("message 5 of 9"));
  behind.filter = unknown_filter();
  ahead.filter = kFilter;
  EXPECT_EQ(resumed(a_server(), {queue("a", behind), queue("b", ahead)}).filter, kFilter)
      << "what is ahead was numbered with known ones";
}

TEST(ResumeDecision, LevelQueuesNeedNoOldLists) {
  Record record = a_record(9, {300});
  record.filter = unknown_filter();
  EXPECT_EQ(resumed(a_server(), {queue("a", record), queue("b", record)}).filter, kFilter);
}

TEST(ResumeDecision, RangesBeyondTheEighthAreJoinedToTheLast) {
  Record record = a_record(5, {50});
  for (int i = 1; i <= 8; ++i)
    record.loss += (i > 1 ? ", 0/" : "0/") + std::to_string(i) + "0..0/" + std::to_string(i) + "8";
  const std::string seven = record.loss.substr(0, record.loss.rfind(','));
  const Resume resume = resumed(a_server(), {queue("a", record), queue("b", a_record(5, {200}))});
  EXPECT_EQ(resume.records[0].loss, seven + ", 0/32..0/C8") << "0/80..0/88 and 0/32..0/C8";
}

TEST(ResumeDecision, FindsItsPlaceByTransactionsOnceTheFilterHasChanged) {
  const Filter changed{"wal2json", "public.other", ""};
  const Resume resume = resumed(a_server(), {queue("a", a_record(9, {300}))}, changed);
  EXPECT_EQ(resume.filter, changed);
  EXPECT_EQ(resume.discard, Discard::by_transaction);
  EXPECT_TRUE(resume.transactions);
  EXPECT_FALSE(resume.last_number);
  EXPECT_EQ(resume.reconnect_after, 10u);
}

TEST(ResumeDecision, DoesNotMindAnotherPlugin) {
  const Resume resume = resumed(a_server(), {queue("a", a_record(9, {300}))}, {"pgoutput", "public.*", ""});
  EXPECT_EQ(resume.discard, Discard::through_last);
  EXPECT_FALSE(resume.transactions);
  EXPECT_EQ(resume.filter.plugin, "pgoutput");
}

}  // namespace
}  // namespace realtime
