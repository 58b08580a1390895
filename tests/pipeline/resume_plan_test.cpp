// Does the resume plan hold? A model of PostgreSQL's re-send rule (wal_model.hpp) against random crashes, a
// Redis that forgets, queues that are added and filters that change. The oracle: every queue holds every
// message once and in order, and what was confirmed never passed a record. Then each rule is left out in
// turn, and the same cases must find it.
#include "pipeline/resume_plan.hpp"

#include <string>

#include <gtest/gtest.h>

#include "ownership/resume_decision.hpp"
#include "pipeline/wal_model.hpp"

namespace realtime {
namespace {

using model::Chance;
using model::Event;
using model::Wal;

/// The pipeline's rules, and the one that ownership decides by.
struct Rules : ResumeRules {
  bool base_is_fewest_messages =
      true;  ///< the base is the record with the fewest messages, not the lowest LSN
};

struct Variations {
  bool redis_forgets = false;
  bool queues_added = false;
  bool filter_changes = false;
};

/// One queue in Redis: the record, and the messages it holds. Both change in one step, so they are forgotten
/// together.
struct Queue {
  Record record;
  std::vector<Identity> held;
  std::size_t first = 0;  ///< how many messages of the stream were before its time
};

/// All that hangs on what Redis holds.
struct Moment {
  std::vector<Queue> queues;
  std::vector<Identity> want;
  unsigned streamed;
};

class Case {
 public:
  Case(std::uint64_t seed, const Rules& rules, const Variations& variations)
      : chance_(seed),
        wal_(chance_, variations.filter_changes ? 3 : 1),
        rules_(rules),
        variations_(variations),
        name_("seed " + std::to_string(seed) + ": ") {
    server_.here = {1, 1, "db", "slot"};
    server_.wal_end = wal_.end();
    server_.slot_exists = true;
    server_.confirmed = Wal::begin();
    filter_ = variations.filter_changes ? 1u + static_cast<unsigned>(chance_.between(0, 6)) : 1u;
    for (const Record& record : fresh_records(static_cast<std::size_t>(chance_.between(1, 3)), Wal::begin(),
                                              server_.here, named(filter_))) {
      queues_.push_back({record, {}, 0});
    }
    want_ = wal_.all(filter_);
  }

  /// What went wrong, or nothing.
  std::string run() {
    const int attempts = chance_.between(2, 9);
    for (int attempt = 0; attempt < attempts; ++attempt) {
      const bool last = attempt > 6 || chance_.happens(0.15);
      if (attempt > 0) vary();
      std::string bad = connect(last);
      // A changed filter may need a connection with the old one, one with transactions' begins, and one
      // without.
      for (int again = 0; last && bad.empty() && again < 3; ++again) bad = connect(true);
      if (!bad.empty()) return name_ + bad;
      if (last) return verdict();
    }
    return "";  // never got to a last, whole run: nothing to say
  }

 private:
  static Filter named(unsigned mask) { return {"wal2json", std::to_string(mask), ""}; }
  static unsigned mask(const Filter& filter) { return static_cast<unsigned>(std::stoul(filter.tables)); }

  void vary() {
    if (variations_.redis_forgets && chance_.happens(0.4)) forget();
    if (variations_.queues_added && queues_.size() < 5 && chance_.happens(0.3)) add_queue();
    if (variations_.filter_changes && chance_.happens(0.4))
      filter_ = 1u + static_cast<unsigned>(chance_.between(0, 6));
  }

  /// Redis comes back as it was at an earlier moment that the replay window still covers.
  void forget() {
    std::vector<std::size_t> covered;
    for (std::size_t i = 0; i < moments_.size(); ++i) {
      const auto stands = [this](const Queue& queue) {
        return queue.record.position.restart >= server_.confirmed;
      };
      const std::vector<Queue>& then = moments_[i].queues;
      if (then.size() == queues_.size() && std::all_of(then.begin(), then.end(), stands))
        covered.push_back(i);
    }
    if (covered.empty()) return;
    moments_.resize(chance_.one_of(covered) + 1);  // what came later has not happened
    queues_ = moments_.back().queues;
    want_ = moments_.back().want;
    streamed_ = moments_.back().streamed;
  }

  void add_queue() {
    std::vector<Position> positions;
    for (const Queue& queue : queues_) positions.push_back(queue.record.position);
    Queue added{queues_[base_of(positions)].record, {}, 0};
    added.first = added.record.position.number;
    queues_.push_back(added);
  }

  std::string connect(bool whole) {
    Resume resume;
    if (const std::string bad = plan(resume); !bad.empty()) return bad;
    if (resume.start < server_.confirmed) return "confirmed passed a record";
    const unsigned passing = mask(resume.filter);
    const Record& furthest =
        std::max_element(queues_.begin(), queues_.end(), [](const Queue& a, const Queue& b) {
          return a.record.position.number < b.record.position.number;
        })->record;
    if (passing != streamed_ || resume.transactions || mask(furthest.filter) != passing) {
      // From the furthest record on the new filter decides.
      want_.resize(furthest.position.number);
      for (const Identity& message : wal_.all_after(furthest.position.last, resume.start, passing))
        want_.push_back(message);
      streamed_ = passing;
    }
    StreamNumbering numbering(resume.base, resume.start, resume.discard, rules_);
    struct Point {
      Position position;
      std::optional<Identity> message;
    };
    std::vector<Point> points;
    for (const Event& event : wal_.stream(resume.start, chance_, passing, resume.transactions)) {
      if (resume.last_number && numbering.position().number >= *resume.last_number) break;
      switch (event.kind) {
        case Event::Kind::begin:
          numbering.begin(event.identity.xid);
          break;
        case Event::Kind::keepalive: {
          const bool before = numbering.discarding();
          numbering.keepalive(event.end);
          if (!before || !rules_.no_keepalive_while_discarding) points.push_back({numbering.position(), {}});
          break;
        }
        case Event::Kind::message: {
          const Identity identity = numbering.identify(event.identity.xid, event.identity.lsn);
          if (identity != event.identity) return "the ordinal of a message came out wrong";
          if (numbering.message(identity)) points.push_back({numbering.position(), identity});
          break;
        }
      }
    }
    if (whole && numbering.discarding()) return "the base's last message was never met";

    const int length = static_cast<int>(points.size());
    const int stop = whole ? length : chance_.between(0, length);
    std::vector<int> at(queues_.size(), 0);
    for (;;) {
      std::vector<std::size_t> ready;
      for (std::size_t q = 0; q < queues_.size(); ++q) {
        if (at[q] < stop) ready.push_back(q);
      }
      if (ready.empty()) break;
      const std::size_t q = chance_.one_of(ready);
      const Point& point = points[static_cast<std::size_t>(at[q]++)];
      if (const std::string bad = take(queues_[q], point.position, point.message, resume.filter);
          !bad.empty())
        return bad;
      if (chance_.happens(0.2)) confirm();
      if (variations_.redis_forgets) moments_.push_back({queues_, want_, streamed_});
      if (!whole && chance_.happens(0.02)) break;
    }
    return "";
  }

  std::string plan(Resume& resume) {
    if (!rules_.base_is_fewest_messages) {  // decide_resume knows no broken rules
      std::vector<Position> positions;
      for (const Queue& queue : queues_) positions.push_back(queue.record.position);
      resume.base = positions[base_of(positions, rules_.base_is_fewest_messages)];
      resume.start = resume.base.restart;
      resume.filter = named(filter_);
      return "";
    }
    std::vector<QueueView> views;
    for (const Queue& queue : queues_) views.push_back({"q", queue.record, std::nullopt});
    const ResumeDecision decision = decide_resume(server_, views, named(filter_));
    if (!std::holds_alternative<Resume>(decision)) return "refused";
    resume = std::get<Resume>(decision);
    for (const ResumeNotice& notice : resume.notices) {
      if (notice.loss) return "a loss: confirmed passed a record";
    }
    for (std::size_t q = 0; q < queues_.size(); ++q) queues_[q].record = resume.records[q];
    return "";
  }

  std::string take(Queue& queue, const Position& point, const std::optional<Identity>& message,
                   const Filter& filter) {
    QueueProgress progress(queue.record.position, rules_);
    if (message && !progress.takes(point.number)) {
      const bool same = point.number != queue.record.position.number || progress.agrees(*message);
      return same ? ""
                  : "number " + std::to_string(point.number) + " is another message than the record says";
    }
    if (!message && chance_.happens(0.3)) return "";  // keepalives are recorded on a clock: some never are
    const auto next = progress.after(point);
    if (message) {
      queue.held.push_back(*message);
      queue.record.filter = filter;
    }
    if (next) queue.record.position = *next;
    return "";
  }

  void confirm() {
    Lsn least = queues_.front().record.position.restart;
    for (const Queue& queue : queues_) least = std::min(least, queue.record.position.restart);
    server_.confirmed = std::max(server_.confirmed, least);
  }

  std::string verdict() const {
    for (std::size_t q = 0; q < queues_.size(); ++q) {
      const Queue& queue = queues_[q];
      const std::vector<Identity> want(want_.begin() + static_cast<std::ptrdiff_t>(queue.first), want_.end());
      if (queue.held != want) {
        return name_ + "queue " + std::to_string(q) + " holds " + std::to_string(queue.held.size()) +
               " messages, not the " + std::to_string(want.size()) + " wanted";
      }
    }
    return "";
  }

  Chance chance_;
  Wal wal_;
  const Rules rules_;
  const Variations variations_;
  const std::string name_;
  ServerView server_;
  unsigned filter_ = 1, streamed_ = 0;
  std::vector<Queue> queues_;
  std::vector<Moment> moments_;
  std::vector<Identity> want_;
};

struct Score {
  int bad = 0;
  std::string first;
};

Score play(int cases, const Rules& rules = {}, const Variations& variations = {}) {
  Score score;
  for (int seed = 0; seed < cases; ++seed) {
    const std::string bad = Case(static_cast<std::uint64_t>(seed), rules, variations).run();
    if (bad.empty()) continue;
    if (score.bad++ == 0) score.first = bad;
  }
  return score;
}

constexpr int kCases = 200'000;

TEST(ResumePlan, HoldsWhateverCrashes) {
  const Score score = play(kCases);
  EXPECT_EQ(score.bad, 0) << score.first;
}

TEST(ResumePlan, HoldsWhenRedisForgets) {
  const Score score = play(40'000, {}, {.redis_forgets = true});
  EXPECT_EQ(score.bad, 0) << score.first;
}

TEST(ResumePlan, HoldsWhenQueuesAreAdded) {
  const Score score = play(kCases / 2, {}, {.queues_added = true});
  EXPECT_EQ(score.bad, 0) << score.first;
}

TEST(ResumePlan, HoldsWhenTheFilterChanges) {
  const Score score = play(kCases / 2, {}, {.filter_changes = true});
  EXPECT_EQ(score.bad, 0) << score.first;
}

TEST(ResumePlan, HoldsInAnyMixture) {
  const Score score = play(40'000, {}, {true, true, true});
  EXPECT_EQ(score.bad, 0) << score.first;
}

// Two servers that were started from one image hand out the same xids and LSNs for other rows.
TEST(StreamNumbering, AMessageOfAnotherCommitTimeIsAnotherMessage) {
  const Position base{{50}, 3, Identity{7, {40}, 0, 1'000}, false};
  for (const auto discard : {Discard::through_last, Discard::by_transaction}) {
    StreamNumbering other(base, {50}, discard), same(base, {50}, discard), unknown(base, {50}, discard);
    other.begin(7, 1'001), same.begin(7, 1'000), unknown.begin(7);
    other.message(other.identify(7, {40}, 1'001));
    same.message(same.identify(7, {40}, 1'000));
    unknown.message(unknown.identify(7, {40}));
    EXPECT_TRUE(other.discarding());
    EXPECT_FALSE(same.discarding());
    EXPECT_FALSE(unknown.discarding()) << "an older release did not record it";
  }
  EXPECT_FALSE(QueueProgress(base).agrees({7, {40}, 0, 1'001}));
  EXPECT_TRUE(QueueProgress(base).agrees({7, {40}, 0, 1'000}));
}

struct BrokenRule {
  const char* name;
  bool Rules::*rule;
};

class EveryRuleIsNeeded : public testing::TestWithParam<BrokenRule> {};

TEST_P(EveryRuleIsNeeded, WithoutItMessagesAreLostOrDoubled) {
  Rules rules;
  rules.*GetParam().rule = false;
  EXPECT_GT(play(kCases / 4, rules).bad, 0) << "the cases do not notice that this rule is missing";
}

INSTANTIATE_TEST_SUITE_P(
    Rules, EveryRuleIsNeeded,
    testing::Values(BrokenRule{"base_is_fewest_messages", &Rules::base_is_fewest_messages},
                    BrokenRule{"discard_when_xid_returns", &Rules::discard_when_xid_returns},
                    BrokenRule{"no_keepalive_while_discarding", &Rules::no_keepalive_while_discarding},
                    BrokenRule{"keepalive_only_when_level", &Rules::keepalive_only_when_level},
                    BrokenRule{"restart_never_goes_back", &Rules::restart_never_goes_back}),
    [](const auto& rule) { return std::string(rule.param.name); });

}  // namespace
}  // namespace realtime
