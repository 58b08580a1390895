#include "ownership/acceptance.hpp"

#include <algorithm>

#include "realtime/checkpoint_text.hpp"

#include "base/check.hpp"
#include "ownership/slot_rule.hpp"

namespace realtime {
namespace {

std::optional<Error> refusal(const Look& now, const Claim& claim) {
  if (now.server.in_recovery) {
    return Error{ErrorKind::postgres_starting,
                 "the server is in recovery: losses are accepted on the primary"};
  }
  if (mismatch_of(now.slot, claim) == SlotMismatch::none) return std::nullopt;
  return Error{ErrorKind::slot_unsuitable, describe_slot(now.slot, claim) + ": it is not this service's"};
}

Error owner_runs(const Look& now, const Claim& claim) {
  return {ErrorKind::slot_active,
          "slot " + claim.slot + " is streamed by process " + std::to_string(now.slot.active_pid),
          "Stop every instance of the service, then run `hash-realtime accept-loss` again."};
}

/// The positions are sound: take the marks of loss away and leave the rest to the service. None: nothing is
/// marked.
std::optional<Acceptance> clear(const Look& now, const Resume& resume, std::uint64_t epoch) {
  Acceptance plan;
  plan.records = resume.records;
  for (std::size_t q = 0; q < now.checkpoints.queues.size(); ++q) {
    const QueueView& queue = now.checkpoints.queues[q];
    const std::string& loss = plan.records[q].loss;
    if (queue.record && !loss.empty()) plan.lines.push_back("queue " + queue.name + " has lost: " + loss);
    plan.records[q].loss.clear();
    plan.records[q].epoch = epoch;
  }
  if (plan.lines.empty()) return std::nullopt;
  return plan;
}

/// The owner's positions as they should be: nothing but marks of loss is for a person to decide.
bool only_marks(const Look& now, const Resume& resume) {
  for (std::size_t q = 0; q < now.checkpoints.queues.size(); ++q) {
    const std::optional<Record>& record = now.checkpoints.queues[q].record;
    if (!record || record->loss != resume.records[q].loss) return false;
  }
  return true;
}

/// Takes the records that cannot be resumed from out of `queues`, each with a line that says why. True:
/// others are left.
bool give_up_unsound(const Look& now, const ServerView& view, const Filter& configured,
                     std::vector<QueueView>& queues, std::vector<std::string>& lines) {
  bool any_left = false;
  for (std::size_t q = 0; q < queues.size(); ++q) {
    QueueView& queue = queues[q];
    if (now.checkpoints.unreadable[q])
      lines.push_back("queue " + queue.name + ": " + now.checkpoints.unreadable[q]->message);
    if (!queue.record) continue;
    if (now.is_foreign(q)) {
      lines.push_back(now.foreign[q]->message);
      queue.record.reset();
      continue;
    }
    const ResumeDecision alone = decide_resume(view, {queue}, configured);
    if (const auto* error = std::get_if<Error>(&alone)) {
      const bool of_the_slot = error->kind == ErrorKind::slot_missing || error->kind == ErrorKind::slot_lost;
      if (!of_the_slot) lines.push_back(error->message);  // the slot's own state is said once
      queue.record.reset();
    }
    any_left = any_left || queue.record.has_value();
  }
  return any_left;
}

/// Some queues are sound: the others go on where those are, and their losses are marked no more.
Acceptance go_on_together(const Look& now, const Resume& resume, const std::vector<QueueView>& queues,
                          std::uint64_t epoch, std::vector<std::string> lines) {
  Acceptance plan;
  plan.lines = std::move(lines);
  plan.records = resume.records;
  for (std::size_t q = 0; q < queues.size(); ++q) {
    Record& record = plan.records[q];
    if (queues[q].record && !record.loss.empty()) {
      plan.lines.push_back("queue " + queues[q].name + " has lost: " + record.loss);
    }
    record.loss.clear();
    record.epoch = epoch;
    if (queues[q].record || !now.checkpoints.texts[q]) continue;
    plan.lines.push_back(
        "queue " + queues[q].name + " goes on at " + to_string(record.position.restart) +
        " like the others: what it took since may come twice, what it had not taken before is missing");
    // A stream knows itself how far it was: its ids are the numbers.
    if (now.checkpoints.unreadable[q] && now.contents[q].last_id > record.position.number) {
      record.position.number = now.contents[q].last_id;
      record.position.last.reset();
    }
  }
  return plan;
}

/// No position is left: every queue goes on where the slot does, counting on from the highest number.
Acceptance go_on_from_slot(const Look& now, const ServerView& view, const Filter& configured,
                           std::uint64_t epoch, std::vector<std::string> lines) {
  Acceptance plan;
  plan.lines = std::move(lines);
  plan.make_slot = !view.slot_exists || view.slot_lost;
  plan.drop_slot = view.slot_exists && view.slot_lost;
  if (plan.make_slot) {
    plan.lines.push_back(
        "slot " + view.here.slot +
        (plan.drop_slot ? " is lost: the server has removed the log it needed" : " does not exist"));
  }
  std::uint64_t number = 0;
  for (const QueueContents& held : now.contents) number = std::max(number, held.last_id);
  for (const QueueView& queue : now.checkpoints.queues) {
    if (!queue.record) continue;
    number = std::max(number, queue.record->position.number);
    const Lsn at = queue.record->position.restart;
    const bool same_log =
        queue.record->history.system_identifier == view.here.system_identifier && at <= view.wal_end;
    if (plan.make_slot && same_log) {
      plan.lines.push_back("queue " + queue.name + ": what was committed in (" + to_string(at) + ", " +
                           to_string(view.wal_end) + "] is lost to it");
    } else {
      plan.lines.push_back("queue " + queue.name + ": its position " + to_string(at) +
                           " is given up for the slot's");
    }
  }
  if (!plan.make_slot) {
    plan.lines.push_back("what was committed after " + to_string(view.confirmed) +
                         " is delivered; what of it a queue had already taken comes twice");
  }
  plan.records = fresh_records(now.checkpoints.queues.size(), view.confirmed, view.here, configured);
  for (Record& record : plan.records) {
    record.position.number = number;
    record.epoch = epoch;
  }
  return plan;
}

/// Takes the mark away that a person has seen, whatever the owner writes meanwhile. Gives what the record
/// became.
Result<Record> clear_mark(std::size_t q, const std::string& queue, const Record& seen,
                          std::optional<std::string> text, CheckpointStore& store) {
  constexpr int kTries = 1000;  // an owner under load writes it every few milliseconds
  for (int i = 0; text && i < kTries; ++i) {
    Result<Record> record = parse_record(*text);
    if (!record) return record;
    if (record->loss.empty()) return record;
    if (record->loss != seen.loss) break;
    record->loss.clear();
    ++record->epoch;
    auto swapped = store.compare_and_set({q, text, format_record(*record), format_lists(record->filter)});
    if (!swapped) return swapped.error();
    if (swapped->swapped) return record;
    text = std::move(swapped->current);
  }
  return Error{ErrorKind::fenced, "the position of queue " + queue + " changed meanwhile",
               "Run `hash-realtime accept-loss` again."};
}

Result<Lsn> clear_marks(const Look& seen, CheckpointStore& store) {
  Lsn least{~std::uint64_t{0}};
  for (std::size_t q = 0; q < seen.checkpoints.queues.size(); ++q) {
    const QueueView& queue = seen.checkpoints.queues[q];
    RT_CHECK(queue.record, "beside an owner every record is sound");
    const Result<Record> now = clear_mark(q, queue.name, *queue.record, seen.checkpoints.texts[q], store);
    if (!now) return now.error();
    least = std::min(least, now->position.restart);
  }
  return least;
}

}  // namespace

Result<std::optional<Acceptance>> plan_acceptance(const Look& now, const Claim& claim,
                                                  std::uint64_t clock_ms) {
  RT_CHECK(now.checkpoints.queues.size() == claim.queues.size() && now.contents.size() == claim.queues.size(),
           "looked at every queue");
  if (auto refused = refusal(now, claim)) return *refused;
  const ServerView view = now.view(claim);
  const std::uint64_t epoch = next_epoch(now.checkpoints.queues, clock_ms);
  if (now.all_readable() && !now.any_foreign()) {
    const ResumeDecision decision = decide_resume(view, now.checkpoints.queues, claim.filter);
    if (const auto* resume = std::get_if<Resume>(&decision)) {
      if (now.slot.active && !only_marks(now, *resume)) return owner_runs(now, claim);
      std::optional<Acceptance> plan = clear(now, *resume, epoch);
      if (plan) plan->beside_owner = now.slot.active;
      return plan;
    }
    // Neither slot nor records: the service begins by itself.
    if (std::holds_alternative<CreateSlot>(decision)) return std::optional<Acceptance>();
  }
  if (now.slot.active) return owner_runs(now, claim);
  std::vector<QueueView> queues = now.checkpoints.queues;
  std::vector<std::string> lines;
  if (give_up_unsound(now, view, claim.filter, queues, lines)) {
    const ResumeDecision decision = decide_resume(view, queues, claim.filter);
    if (const auto* resume = std::get_if<Resume>(&decision)) {
      return std::optional(go_on_together(now, *resume, queues, epoch, std::move(lines)));
    }
  }
  return std::optional(go_on_from_slot(now, view, claim.filter, epoch, std::move(lines)));
}

Result<Lsn> carry_out(Acceptance acceptance, const Look& seen, const Claim& claim, SlotSession& session,
                      CheckpointStore& store, const std::function<void()>& while_waiting) {
  RT_CHECK(acceptance.records.size() == claim.queues.size(), "a record for each queue");
  if (acceptance.beside_owner) return clear_marks(seen, store);
  if (acceptance.drop_slot) {
    if (Status dropped = session.drop_slot(); !dropped) return dropped.error();
  }
  if (acceptance.make_slot) {
    const Result<Lsn> start = session.create_slot(acceptance.records.front().filter.plugin, while_waiting);
    if (!start) return start.error();
    for (Record& record : acceptance.records) record.position.restart = *start;
  }
  Lsn least{~std::uint64_t{0}};
  for (std::size_t q = 0; q < acceptance.records.size(); ++q) {
    Record& record = acceptance.records[q];
    record.history = seen.view(claim).here;
    record.refused.clear();
    record.life = {seen.server.started_us, 0, record.life.beat + 1};
    const auto swapped = store.compare_and_set(
        {q, seen.checkpoints.texts[q], format_record(record), format_lists(record.filter)});
    if (!swapped) return swapped.error();
    if (!swapped->swapped) {
      return Error{
          ErrorKind::fenced,
          "the position of queue " + claim.queues[q] + " changed meanwhile: an instance of the service runs",
          "Stop every instance of the service, then run `hash-realtime accept-loss` again."};
    }
    least = std::min(least, record.position.restart);
  }
  return least;
}

}  // namespace realtime
