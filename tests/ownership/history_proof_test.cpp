// Does a record belong to the server's history? Six kinds of other histories that share a prefix with the
// records' own (history_model.hpp) against the code that the service decides by: a record that belongs is
// never refused, and what is accepted leaves every queue with exactly what this server's log holds. Then each
// part of the rule is left out in turn, and the same cases must find it.
#include "ownership/history_proof.hpp"

#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

#include "ownership/history_model.hpp"
#include "ownership/living_owner.hpp"
#include "pipeline/resume_plan.hpp"

namespace realtime {
namespace {

using model::Chance;
using model::HistoryLog;

enum class Other { crash, image, moved, standby, second, beside };
constexpr const char* kNames[] = {"crash", "image", "moved", "standby", "second", "beside"};

struct Parts {
  HistoryRules rules = {};
  bool time = true;     ///< messages have their commit time
  bool beat = true;     ///< an owner at another server is looked for
  bool raw_log = true;  ///< the server gives its log
};

struct Slot {
  Lsn memory, disk;
  double meddler = 0;  ///< how probable it is that somebody moves it behind our look
  bool moved = false;
};

struct Snapshot {
  Lsn available, disk, memory;
};

struct Outcome {
  enum class Kind { ok, refused, bad } kind;
  std::string why;
};

class Case {
 public:
  Case(std::uint64_t seed, const Parts& parts)
      : chance_(seed), parts_(parts), name_("seed " + std::to_string(seed) + ": ") {}

  /// What went wrong, or nothing. `moved`: the slot was moved by somebody.
  std::string run();
  Other kind() const { return kind_; }
  bool moved() const { return moved_; }

 private:
  struct Server {
    const HistoryLog& log;
    std::vector<Lsn> lineage;
    Lsn available;
    std::int64_t started;
  };

  Outcome serve(const Server& server, Slot& slot, bool whole);
  std::optional<Outcome> plan(const Server& server, Slot& slot, Resume& resume,
                              std::vector<HistoryLog::Item>& items);
  std::string first_history(const HistoryLog& log, const std::vector<Lsn>& lineage, Slot& slot);
  std::string verdict(const std::vector<Identity>& want) const;
  bool take(std::size_t queue, const Position& point, const std::optional<Identity>& message,
            const HistoryLog& log);
  bool is_living_elsewhere(std::int64_t started) const;
  Lsn one_from(const std::vector<Lsn>& bounds, Lsn from, int most = 1'000'000);
  Identity known(Identity message) const {
    if (!parts_.time) message.committed_us = 0;
    return message;
  }

  Chance chance_;
  const Parts parts_;
  const std::string name_;
  std::int64_t clock_ = 0;
  Other kind_ = Other::crash;
  bool moved_ = false;
  std::vector<Record> records_;
  std::vector<std::vector<Identity>> held_;
  std::vector<Snapshot> snapshots_;
};

Lsn Case::one_from(const std::vector<Lsn>& bounds, Lsn from, int most) {
  const auto first = std::lower_bound(bounds.begin(), bounds.end(), from);
  const auto left = static_cast<int>(bounds.end() - first);
  return left == 0 ? bounds.back() : first[chance_.between(0, std::min(left, most) - 1)];
}

/// The service's own steps from reading to the verdict over the stream. None: it may fence.
std::optional<Outcome> Case::plan(const Server& server, Slot& slot, Resume& resume,
                                  std::vector<HistoryLog::Item>& items) {
  const auto refused = [](const std::string& why) { return Outcome{Outcome::Kind::refused, why}; };
  ServerView view;
  view.here = {1, static_cast<std::uint32_t>(server.lineage.size() + 1), "db", "slot"};
  view.wal_end = server.available;
  for (std::size_t i = 0; i < server.lineage.size(); ++i)
    view.timelines.add(static_cast<std::uint32_t>(i + 1), server.lineage[i]);
  view.here.ended = view.timelines.ends();
  view.slot_exists = true;
  view.confirmed = slot.memory;
  std::vector<QueueView> queues;
  for (const Record& record : records_)
    queues.push_back({"q" + std::to_string(queues.size()), record, std::nullopt});
  const ResumeDecision decision = decide_resume(view, queues, records_.front().filter, parts_.rules);
  if (const auto* error = std::get_if<Error>(&decision)) return refused(error->message);
  resume = std::get<Resume>(decision);
  for (const ResumeNotice& notice : resume.notices) {
    if (notice.loss) return refused("a loss is said");
  }

  HistoryProof proof(view, queues, resume, parts_.rules);
  for (const auto& question : std::vector(proof.log_questions())) {
    proof.hear_log(question,
                   parts_.raw_log ? std::optional(server.log.hash_before(question.at)) : std::nullopt);
  }
  for (const std::uint32_t xid : proof.status_questions()) {
    proof.hear_status(xid, server.log.committed(xid, server.available) ? TransactionStatus::committed
                                                                       : TransactionStatus::aborted);
  }
  if (proof.refused()) return refused(proof.refused()->message);
  if (chance_.happens(slot.meddler)) {
    slot.memory = slot.disk =
        std::min(one_from(server.log.bounds(), slot.memory), std::max(server.available, slot.memory));
    slot.moved = true;
  }
  if (proof.has_moved(slot.memory)) return plan(server, slot, resume, items);
  // PostgreSQL moves a start below confirmed forward, in silence.
  items = server.log.stream(std::max(proof.start(), slot.memory), server.available, chance_);
  StreamDemand stream = proof.stream_demand();
  for (const HistoryLog::Item& item : items) {
    if (item.is_message) {
      const Identity message = known(item.message);
      stream.message(message.xid, message.lsn, message.committed_us);
    } else {
      stream.keepalive(item.keepalive);
    }
  }
  if (!stream.is_proven() && !stream.refused()) stream.keepalive(server.available);
  if (stream.refused()) return refused(stream.refused()->message);
  proof.settle(stream, resume);
  return std::nullopt;
}

Outcome Case::serve(const Server& server, Slot& slot, bool whole) {
  if (parts_.beat && is_living_elsewhere(server.started))
    return {Outcome::Kind::refused, "another owner lives"};
  Resume resume;
  std::vector<HistoryLog::Item> items;
  if (auto refused = plan(server, slot, resume, items)) return *refused;
  records_ = resume.records;  // the fence
  StreamNumbering numbering(resume.base, resume.start, resume.discard);
  struct Point {
    Position position;
    std::optional<Identity> message;
  };
  std::vector<Point> points;
  for (const HistoryLog::Item& item : items) {
    if (!item.is_message) {
      const bool before = numbering.discarding();
      numbering.keepalive(item.keepalive);
      if (!before) points.push_back({numbering.position(), {}});
      continue;
    }
    const Identity message = known(item.message);
    if (numbering.message(numbering.identify(message.xid, message.lsn, message.committed_us)))
      points.push_back({numbering.position(), item.message});
  }
  const int stop =
      whole ? static_cast<int>(points.size()) : chance_.between(0, static_cast<int>(points.size()));
  std::vector<int> at(records_.size(), 0);
  for (;;) {
    std::vector<std::size_t> ready;
    for (std::size_t q = 0; q < records_.size(); ++q) {
      if (at[q] < stop) ready.push_back(q);
    }
    if (ready.empty()) break;
    const std::size_t q = chance_.one_of(ready);
    const Point& point = points[static_cast<std::size_t>(at[q]++)];
    if (!take(q, point.position, point.message, server.log))
      return {Outcome::Kind::bad, "a number is another message, seen after writing"};
    if (chance_.happens(0.2)) {
      Lsn least = records_.front().position.restart;
      for (const Record& record : records_) least = std::min(least, record.position.restart);
      slot.memory = std::max(slot.memory, least);
      if (chance_.happens(0.4)) slot.disk = slot.memory;
    }
    if (!whole && chance_.happens(0.02)) break;
  }
  return {Outcome::Kind::ok, ""};
}

/// False: the message with the record's number is another one.
bool Case::take(std::size_t queue, const Position& point, const std::optional<Identity>& message,
                const HistoryLog& log) {
  Record& record = records_[queue];
  const QueueProgress progress(record.position);
  if (message && !progress.takes(point.number))
    return point.number != record.position.number || progress.agrees(known(*message));
  if (!message && chance_.happens(0.3)) return true;  // keepalives are recorded on a clock: some never are
  auto next = progress.after(point);
  if (message) held_[queue].push_back(*message);
  if (!next) return true;
  if (next->clean && parts_.raw_log) next->log = log.hash_before(next->restart);
  record.position = *next;
  return true;
}

/// Whether the owner of the records goes on writing while we watch: it does so in one kind alone.
bool Case::is_living_elsewhere(std::int64_t started) const {
  LivingOwner living(std::chrono::seconds(10));
  std::vector<QueueView> queues;
  for (const Record& record : records_) queues.push_back({"q", record, std::nullopt});
  TimePoint now{};
  for (int third = 0; third < 8; ++third) {
    if (!living.look(queues, started, now)) return false;
    now += std::chrono::milliseconds(3'400);
    if (kind_ == Other::beside) ++queues.front().record->life.beat;
  }
  return true;
}

/// The records' own history; its disk is looked at now and then. What went wrong, or nothing.
std::string Case::first_history(const HistoryLog& log, const std::vector<Lsn>& lineage, Slot& slot) {
  Server own{log, lineage, {HistoryLog::kBegin}, 1};
  snapshots_.push_back({own.available, slot.disk, slot.memory});
  for (int runs = chance_.between(1, 6); runs > 0; --runs) {
    own.available = one_from(log.bounds(), own.available, chance_.pick({3, 20, 60}));
    if (chance_.happens(0.3)) slot.memory = slot.disk;  // PostgreSQL crashed, and forgets
    const Outcome outcome = serve(own, slot, chance_.happens(0.5));
    if (outcome.kind != Outcome::Kind::ok) return "its own history: " + outcome.why;
    snapshots_.push_back({own.available, slot.disk, slot.memory});
  }
  return "";
}

std::string Case::run() {
  const HistoryLog log(chance_, clock_, 55);
  const Other kind = chance_.pick({Other::crash, Other::image, Other::image, Other::moved, Other::standby,
                                   Other::second, Other::second, Other::beside});
  std::vector<Lsn> lineage;
  if (kind == Other::second) lineage = {one_from(log.bounds(), {})};
  held_.resize(static_cast<std::size_t>(chance_.between(1, 3)));
  const Lsn begin{HistoryLog::kBegin};
  records_ =
      fresh_records(held_.size(), begin, {1, static_cast<std::uint32_t>(lineage.size() + 1), "db", "slot"},
                    {"wal2json", "", ""});
  for (Record& record : records_) {
    record.life = {1, 10'000, 0};
    if (parts_.raw_log) record.position.log = log.hash_before(begin);
    for (std::size_t i = 0; i < lineage.size(); ++i)
      record.history.ended.emplace_back(static_cast<std::uint32_t>(i + 1), lineage[i]);
  }
  Slot slot{begin, begin};
  if (std::string bad = first_history(log, lineage, slot); !bad.empty()) return name_ + bad;
  kind_ = kind;

  // Where the other history leaves the records' own, and what its slot says.
  Snapshot cut = snapshots_[static_cast<std::size_t>(
      std::max(0, static_cast<int>(snapshots_.size()) - 1 - chance_.pick({0, 1, 2, 6})))];
  Lsn fork = cut.available, confirmed = cut.disk;
  std::vector<Lsn> their_lineage = lineage;
  switch (kind) {
    case Other::crash:
      fork = log.end();
      confirmed = slot.disk;
      break;
    case Other::standby: {
      std::vector<Lsn> ends;
      for (const Lsn bound : log.bounds()) {
        if (bound <= fork) ends.push_back(bound);
      }
      if (ends.size() > 12) ends.erase(ends.begin(), ends.end() - 12);
      for (const Record& record : records_) {
        if (record.position.restart <= fork) ends.push_back(record.position.restart);
      }
      fork = chance_.one_of(ends);
      their_lineage = {fork};
      // Without the log a record may be lowered below what a server that crashed since had in its memory.
      confirmed = chance_.happens(0.5) || !parts_.raw_log ? cut.disk : cut.memory;
      break;
    }
    case Other::second: {
      const Lsn theirs = chance_.happens(0.5) ? lineage.front() : one_from(log.bounds(), {});
      their_lineage = {theirs};
      fork = std::min(lineage.front(), theirs);
      if (chance_.happens(0.5)) fork = std::min(fork, cut.available);
      confirmed = begin;
      for (const Snapshot& one : snapshots_) {
        if (one.disk <= fork && chance_.happens(0.5)) confirmed = one.disk;
      }
      break;
    }
    case Other::image:
    case Other::moved:
    case Other::beside:
      break;
  }
  std::optional<HistoryLog> sequel;
  if (kind != Other::crash) sequel.emplace(chance_, clock_, 30, &log, fork);
  const HistoryLog& here = sequel ? *sequel : log;
  if (kind == Other::moved) confirmed = one_from(here.bounds(), cut.disk);
  Slot theirs{confirmed, confirmed, chance_.happens(0.1) && kind != Other::crash ? 0.3 : 0,
              kind == Other::moved};

  const std::vector<Identity> want = here.all();
  bool belongs = kind != Other::beside && confirmed <= fork && their_lineage.size() >= lineage.size() &&
                 std::equal(lineage.begin(), lineage.end(), their_lineage.begin());
  for (std::size_t q = 0; q < held_.size(); ++q) {
    belongs = belongs && records_[q].position.restart <= fork && held_[q].size() <= want.size() &&
              std::equal(held_[q].begin(), held_[q].end(), want.begin());
  }
  bool accepted = false;
  Outcome outcome{Outcome::Kind::ok, ""};
  Lsn available = one_from(here.bounds(), fork);
  const int tries = chance_.between(1, 4);
  for (int a = 0; a < tries; ++a) {  // the service meets this server, whose log grows
    const bool last = a == tries - 1;
    if (last) available = here.end();
    if (a > 0 && chance_.happens(0.4)) theirs.memory = theirs.disk;
    outcome = serve({here, their_lineage, available, 2 + a}, theirs, last || chance_.happens(0.5));
    moved_ = theirs.moved;
    const std::string which = name_ + kNames[static_cast<int>(kind)] + ": ";
    if (outcome.kind == Outcome::Kind::bad) return which + outcome.why;
    if (outcome.kind == Outcome::Kind::ok && kind == Other::beside)
      return which + "wrote beside a living server";
    if (outcome.kind == Outcome::Kind::refused && (accepted || belongs) && !theirs.moved)
      return which + "a record that belongs was refused: " + outcome.why;
    accepted = accepted || outcome.kind == Outcome::Kind::ok;
    available = one_from(here.bounds(), available);
  }
  return outcome.kind == Outcome::Kind::ok ? verdict(want) : "";
}

std::string Case::verdict(const std::vector<Identity>& want) const {
  for (std::size_t q = 0; q < held_.size(); ++q) {
    if (held_[q] == want) continue;
    return name_ + kNames[static_cast<int>(kind_)] + ": queue " + std::to_string(q) + " holds " +
           std::to_string(held_[q].size()) + " messages, not the " + std::to_string(want.size()) + " wanted";
  }
  return "";
}

struct Score {
  int bad = 0;
  int bad_unmoved = 0;  ///< where nobody has moved the slot
  int of_kind[6] = {};
  std::string first;
};

Score play(int cases, const Parts& parts, int stop_after = 1'000'000) {
  Score score;
  for (int seed = 0; seed < cases && score.bad < stop_after; ++seed) {
    Case one(static_cast<std::uint64_t>(seed), parts);
    const std::string bad = one.run();
    ++score.of_kind[static_cast<int>(one.kind())];
    if (bad.empty()) continue;
    if (score.bad++ == 0 || (!one.moved() && score.bad_unmoved == 0)) score.first = bad;
    score.bad_unmoved += !one.moved();
  }
  return score;
}

/// REALTIME_CASES: how many, for a long run.
int cases(int usual) {
  const char* wanted = std::getenv("REALTIME_CASES");
  return wanted != nullptr ? std::atoi(wanted) : usual;
}

TEST(HistoryProof, HoldsAgainstSixKindsOfOtherHistories) {
  const Score score = play(cases(20'000), {});
  EXPECT_EQ(score.bad, 0) << score.first;
  for (const int count : score.of_kind) EXPECT_GT(count, cases(20'000) / 20);
}

// What nobody can tell without the log: that somebody has moved the slot in the other history.
TEST(HistoryProof, HoldsWithoutTheLogWhereNobodyMovesTheSlot) {
  Parts parts;
  parts.raw_log = false;
  const Score score = play(cases(20'000), parts);
  EXPECT_EQ(score.bad_unmoved, 0) << score.first;
}

TEST(HistoryProof, IsSafeWithoutTheEarlyRefusals) {
  Parts parts;
  parts.rules.lineage = parts.rules.ends = false;
  const Score score = play(cases(20'000), parts);
  EXPECT_EQ(score.bad, 0) << score.first;
}

struct LeftOut {
  const char* name;
  void (*leave_out)(Parts&);
  bool raw_log = true;
};

class EveryPartIsNeeded : public testing::TestWithParam<LeftOut> {};

TEST_P(EveryPartIsNeeded, WithoutItAnotherHistoryIsBelieved) {
  Parts parts;
  parts.raw_log = GetParam().raw_log;
  GetParam().leave_out(parts);
  EXPECT_GT(play(200'000, parts, parts.raw_log ? 1 : 1'000).bad, 0)
      << "the cases do not notice that this part is missing";
}

class EveryPartIsNeededWithoutTheLog : public testing::TestWithParam<LeftOut> {};

TEST_P(EveryPartIsNeededWithoutTheLog, WithoutItAnotherHistoryIsBelieved) {
  Parts parts;
  parts.raw_log = false;
  GetParam().leave_out(parts);
  int seed = 0;
  for (; seed < 200'000; ++seed) {
    Case one(static_cast<std::uint64_t>(seed), parts);
    if (!one.run().empty() && !one.moved()) break;
  }
  EXPECT_LT(seed, 200'000) << "the cases do not notice that this part is missing";
}

INSTANTIATE_TEST_SUITE_P(Parts, EveryPartIsNeeded,
                         testing::Values(LeftOut{"log", [](Parts& parts) { parts.rules.log = false; }},
                                         LeftOut{"demand", [](Parts& parts) { parts.rules.demand = false; }},
                                         LeftOut{"time", [](Parts& parts) { parts.time = false; }},
                                         LeftOut{"all", [](Parts& parts) { parts.rules.all = false; }},
                                         LeftOut{"status", [](Parts& parts) { parts.rules.status = false; }},
                                         LeftOut{"again", [](Parts& parts) { parts.rules.again = false; }},
                                         LeftOut{"beat", [](Parts& parts) { parts.beat = false; }}),
                         [](const auto& one) { return std::string(one.param.name); });

INSTANTIATE_TEST_SUITE_P(Parts, EveryPartIsNeededWithoutTheLog,
                         testing::Values(LeftOut{"ask", [](Parts& parts) { parts.rules.ask = false; }},
                                         LeftOut{"look", [](Parts& parts) { parts.rules.look = false; }},
                                         LeftOut{"lower", [](Parts& parts) { parts.rules.lower = false; }}),
                         [](const auto& one) { return std::string(one.param.name); });

}  // namespace
}  // namespace realtime
