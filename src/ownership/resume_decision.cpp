#include "ownership/resume_decision.hpp"

#include <algorithm>
#include <tuple>

#include "base/check.hpp"

namespace realtime {
namespace {

std::string describe(const History& history) {
  return "system " + std::to_string(history.system_identifier) + ", timeline " +
         std::to_string(history.timeline) + ", database " + history.database + ", slot " + history.slot;
}

std::string range(Lsn from, Lsn to) {
  return "(" + to_string(from) + ", " + to_string(to) + "]";
}

std::string describe_ends(const History& history) {
  std::string text;
  for (const auto& [timeline, end] : history.ended)
    text += (text.empty() ? "" : ", ") + std::to_string(timeline) + ": " + to_string(end);
  return text.empty() ? "no point" : text;
}

/// Whether the timelines that both know of ended at the same points.
bool same_lineage(const History& its, const History& here) {
  return std::all_of(its.ended.begin(), its.ended.end(), [&here](const auto& ended) {
    const auto found = std::find_if(here.ended.begin(), here.ended.end(),
                                    [&ended](const auto& one) { return one.first == ended.first; });
    return found == here.ended.end() || found->second == ended.second;
  });
}

/// Why this record cannot be resumed from on this server, if so.
std::optional<Error> refuse_history(const ServerView& server, const QueueView& queue,
                                    const HistoryRules& rules) {
  const Record& record = *queue.record;
  const History &its = record.history, &here = server.here;
  const std::string whose = "queue " + queue.name + ": its position record ";
  if (its.system_identifier != here.system_identifier) {
    return Error{ErrorKind::other_history, whose + "belongs to another PostgreSQL cluster: record " +
                                               describe(its) + "; server " + describe(here)};
  }
  if (!its.same_service(here)) {
    return Error{ErrorKind::other_service,
                 whose + "belongs to another service: record " + describe(its) + "; here " + describe(here)};
  }
  const Lsn at = record.position.restart;
  // A restored server writes on, and one day its log is past the position: nothing else would tell then.
  if (!record.refused.empty())
    return Error{ErrorKind::other_history, whose + "was refused before: " + record.refused};
  if (its.timeline > here.timeline) {
    return Error{ErrorKind::other_history, whose + "is of a later timeline: record " + describe(its) +
                                               " at " + to_string(at) + "; server " + describe(here)};
  }
  if (rules.lineage && !same_lineage(its, here)) {
    return Error{ErrorKind::other_history,
                 whose + "is of another line of promotions: record " + describe(its) + " at " +
                     to_string(at) + ", whose timelines ended at " + describe_ends(its) + "; server " +
                     describe(here) + ", where they ended at " + describe_ends(here)};
  }
  if (rules.ends && its.timeline < here.timeline && !server.timelines.holds(its.timeline, at)) {
    const auto end = server.timelines.end_of(its.timeline);
    return Error{ErrorKind::other_history,
                 whose + "is past the point where the server's history left its timeline: record at " +
                     to_string(at) + " on timeline " + std::to_string(its.timeline) + "; server left it at " +
                     (end ? to_string(*end) : "an unknown point")};
  }
  if (rules.ends && at > server.wal_end) {
    return Error{ErrorKind::other_history,
                 whose +
                     "is past the end of the server's log (restored from an older state?): "
                     "record at " +
                     to_string(at) + ", server ends at " + to_string(server.wal_end)};
  }
  return std::nullopt;
}

/// "0/64..0/190", as it stands within a sentence and in a record.
std::string span(Lsn from, Lsn to) {
  return to_string(from) + ".." + to_string(to);
}

/// Losses that a record names, with commas between them; the ranges from the eighth on are joined to one, so that
/// nothing lost is left out.
std::string add_loss(const std::string& loss, Lsn from, Lsn to) {
  constexpr int kMostLosses = 8;
  if (loss.empty()) return span(from, to);
  std::size_t begin = 0;  // of the eighth
  for (int i = 1; i < kMostLosses && begin != loss.npos; ++i) {
    begin = loss.find(", ", begin);
    if (begin != loss.npos) begin += 2;
  }
  if (begin == loss.npos) return loss + ", " + span(from, to);
  for (std::size_t at = begin; at < loss.size();) {
    const std::size_t end = std::min(loss.find(", ", at), loss.size()), dots = loss.find("..", at);
    if (dots < end) {
      from = std::min(from, parse_lsn(loss.substr(at, dots - at)).value_or(from));
      to = std::max(to, parse_lsn(loss.substr(dots + 2, end - dots - 2)).value_or(to));
    }
    at = end + 2;
  }
  return loss.substr(0, begin) + span(from, to);
}

/// Redis has forgotten the record, and with it what the queue held: streaming goes on at `start`. What came
/// before is in no queue and not in the slot either; what came after is sent again.
ResumeNotice note_forgotten(const QueueView& queue, Record& record, Lsn start) {
  const Lsn at = queue.remembered->restart;
  const Lsn from = std::min(at, start), to = std::max(at, start);
  std::string lost = "everything unread before " + to_string(from) + " (";
  if (queue.waited) {
    lost += "about " + std::to_string(*queue.waited) + (*queue.waited == 1 ? " message; " : " messages; ");
  }
  lost += span(from, to) + (at < start ? " is missing too)" : " is sent again)");
  record.loss = lost;
  return {true, queue.name,
          "queue " + queue.name +
              ": Redis has forgotten its position (FLUSHALL, DEL or eviction?). Lost: " + lost,
          from, to};
}

/// Which filter the stream uses and how it finds its place, where the filter may have changed since: what is
/// ahead was numbered with the old one, so that the others catch up with it first.
void choose_filter(Resume& resume, std::size_t base, const Filter& configured) {
  const auto ahead = std::max_element(
      resume.records.begin(), resume.records.end(),
      [](const Record& a, const Record& b) { return a.position.number < b.position.number; });
  const std::uint64_t most = ahead->position.number;
  const bool level = resume.base.number == most;
  resume.filter = configured;
  if (!ahead->filter.same_rows(configured) && !level && ahead->position.last) {
    resume.filter = ahead->filter;  // what is ahead was numbered with it: the others catch up with it first
    resume.last_number = resume.reconnect_after = most;
  }
  if (resume.base.last && !resume.records[base].filter.same_rows(resume.filter)) {
    resume.discard = Discard::by_transaction;
    resume.transactions = true;
    if (!resume.reconnect_after) resume.reconnect_after = resume.base.number + 1;
  }
}

/// The furthest position of any record; none: there is no record.
std::optional<Lsn> furthest_of(const std::vector<QueueView>& queues) {
  std::optional<Lsn> furthest;
  for (const QueueView& queue : queues) {
    if (queue.record) furthest = std::max(furthest.value_or(Lsn{}), queue.record->position.restart);
  }
  return furthest;
}

/// The slot cannot give the stream: it is lost, or it is not there. None: it can.
std::optional<ResumeDecision> without_slot(const ServerView& server, const std::optional<Lsn>& furthest) {
  if (server.slot_exists && server.slot_lost) {
    return Error{ErrorKind::slot_lost, "slot " + server.here.slot +
                                           " is lost: the server has removed the log it needs; missing is " +
                                           range(furthest.value_or(server.confirmed), server.wal_end)};
  }
  if (server.slot_exists) return std::nullopt;
  if (!furthest) return CreateSlot{};
  return Error{ErrorKind::slot_missing,
               "slot " + server.here.slot +
                   " does not exist, but the queues hold positions of it: missing is " +
                   range(*furthest, server.wal_end)};
}

/// No queue has a record: a new service on a slot that exists, or one whose records all went.
Resume begin_at_slot(const ServerView& server, const std::vector<QueueView>& queues,
                     const Filter& configured) {
  Resume resume;
  resume.start = server.confirmed;
  resume.records = fresh_records(queues.size(), server.confirmed, server.here, configured);
  resume.filter = configured;
  std::uint64_t number = 0;
  for (const QueueView& queue : queues)
    number = std::max(number, queue.remembered ? queue.remembered->number : 0);
  for (std::size_t q = 0; q < queues.size(); ++q) {
    resume.records[q].position.number = number;
    if (queues[q].remembered)
      resume.notices.push_back(note_forgotten(queues[q], resume.records[q], resume.start));
  }
  resume.base = resume.records.front().position;
  if (!resume.notices.empty()) return resume;
  resume.notices.push_back(
      {false, "", "no queue has a position record: streaming begins where the slot was last confirmed",
       server.confirmed, server.confirmed});
  return resume;
}

/// What the stream resumes from, as a record: that of the queue that is least far, of those that the slot
/// can still serve.
Record choose_base(const ServerView& server, const std::vector<QueueView>& queues, const Filter& configured) {
  std::vector<Record> sound;
  std::uint64_t most = 0;
  for (const QueueView& queue : queues) {
    if (!queue.record) continue;
    most = std::max(most, queue.record->position.number);
    if (queue.record->position.restart >= server.confirmed) sound.push_back(*queue.record);
  }
  Record base;
  if (sound.empty()) {  // nothing says where the slot's stream continues: count on, from where the slot is
    base.position = {server.confirmed, most, std::nullopt, true};
    base.filter = configured;
  } else {
    std::vector<Position> positions;
    for (const Record& record : sound) positions.push_back(record.position);
    base = sound[base_of(positions)];
  }
  base.history = server.here;
  base.loss.clear();
  return base;
}

/// Records and slot go together: on from the base, each queue from its own record.
Resume go_on(const ServerView& server, const std::vector<QueueView>& queues, const Filter& configured) {
  const Record base_record = choose_base(server, queues, configured);
  Resume resume;
  resume.base = base_record.position;
  resume.start = base_record.position.restart;
  std::size_t base = 0;
  for (const QueueView& queue : queues) {
    Record record = base_record;
    if (!queue.record && queue.remembered) {
      resume.notices.push_back(note_forgotten(queue, record, resume.start));
    } else if (!queue.record) {
      resume.notices.push_back(
          {false, queue.name, "the queue is new: it begins now", resume.start, resume.start});
    } else if (queue.record->position.restart < server.confirmed) {
      const Lsn from = queue.record->position.restart;
      record.loss = add_loss(queue.record->loss, from, resume.start);
      resume.notices.push_back(
          {true, queue.name,
           "the queue has missed what the slot no longer holds: " + range(from, resume.start), from,
           resume.start});
    } else {
      record = *queue.record;
      record.history = server.here;
      // Level with the base: the base's point is its point too. Without this, a filter that changes now would
      // number from one point here and from another after the next crash.
      if (record.position.number == resume.base.number) record.position = resume.base;
    }
    resume.records.push_back(record);
    if (record.position == resume.base) base = resume.records.size() - 1;
  }
  choose_filter(resume, base, configured);
  return resume;
}

}  // namespace

std::size_t base_of(std::span<const Position> positions, bool fewest) {
  RT_CHECK(!positions.empty(), "a stream has at least one queue");
  const auto before = [fewest](const Position& a, const Position& b) {
    if (!fewest) return std::tuple(a.restart, !a.clean, b.number) < std::tuple(b.restart, !b.clean, a.number);
    return std::tuple(a.number, !a.clean, b.restart) < std::tuple(b.number, !b.clean, a.restart);
  };
  return static_cast<std::size_t>(std::min_element(positions.begin(), positions.end(), before) -
                                  positions.begin());
}

std::vector<Record> fresh_records(std::size_t queues, Lsn start, const History& here,
                                  const Filter& configured) {
  Record record;
  record.position = {start, 0, std::nullopt, true};
  record.filter = configured;
  record.history = here;
  return std::vector<Record>(queues, record);
}

ResumeDecision decide_resume(const ServerView& server, const std::vector<QueueView>& queues,
                             const Filter& configured, const HistoryRules& rules) {
  RT_CHECK(!queues.empty(), "there is always a queue");
  for (const QueueView& queue : queues) {
    if (!queue.record) continue;
    if (auto refused = refuse_history(server, queue, rules)) return *refused;
  }
  const std::optional<Lsn> furthest = furthest_of(queues);
  if (auto decided = without_slot(server, furthest)) return std::move(*decided);
  if (!furthest) return begin_at_slot(server, queues, configured);
  Resume resume = go_on(server, queues, configured);
  if (resume.filter.knows_its_lists()) return resume;
  return Error{ErrorKind::tables_unknown,
               "the lists of tables have changed while the queues are not equally far, and the old lists, "
               "under which the others must catch up, are gone: the changed ones wait (message " +
                   std::to_string(resume.base.number) + " of " +
                   std::to_string(resume.last_number.value_or(0)) + ")"};
}

}  // namespace realtime
