#include "app/accept_loss/acceptance.hpp"

#include <algorithm>

#include "realtime/checkpoint_text.hpp"

namespace realtime {
namespace {

using preflight::Positions;

std::optional<Error> refusal(const Positions& now, const Config& config, const Filter& configured) {
  const std::string slot = "slot " + config.slot_name;
  if (now.server.in_recovery) {
    return Error{ErrorKind::postgres_starting,
                 "the server is in recovery: losses are accepted on the primary"};
  }
  if (!now.slot.exists) return std::nullopt;
  if (now.slot.slot_type != "logical" || now.slot.plugin != configured.plugin ||
      now.slot.database != config.postgres.database) {
    return Error{ErrorKind::slot_unsuitable, slot + " is " + now.slot.slot_type + ", plugin \"" +
                                                 now.slot.plugin + "\", database \"" + now.slot.database +
                                                 "\": it is not this service's"};
  }
  return std::nullopt;
}

Error owner_runs(const Positions& now, const Config& config) {
  return {ErrorKind::slot_active,
          "slot " + config.slot_name + " is streamed by process " + std::to_string(now.slot.active_pid),
          "Stop every instance of the service, then run `hash-realtime accept-loss` again."};
}

std::uint64_t next_epoch(const Positions& now) {
  std::uint64_t epoch = 0;
  for (const QueueView& queue : now.queues) {
    if (queue.record) epoch = std::max(epoch, queue.record->epoch);
  }
  return epoch + 1;
}

/// The positions are sound: take the marks of loss away and leave the rest to the service. None: nothing is
/// marked.
std::optional<Acceptance> clear(const Positions& now, const Resume& resume) {
  Acceptance plan;
  plan.records = resume.records;
  for (std::size_t q = 0; q < now.queues.size(); ++q) {
    const QueueView& queue = now.queues[q];
    const std::string& loss = plan.records[q].loss;
    if (queue.record && !loss.empty()) plan.lines.push_back("queue " + queue.name + " has missed " + loss);
    plan.records[q].loss.clear();
    plan.records[q].epoch = next_epoch(now);
  }
  if (plan.lines.empty()) return std::nullopt;
  return plan;
}

/// The owner's positions as they should be: nothing but marks of loss is for a person to decide.
bool only_marks(const Positions& now, const Resume& resume) {
  for (std::size_t q = 0; q < now.queues.size(); ++q) {
    const std::optional<Record>& record = now.queues[q].record;
    if (!record || record->loss != resume.records[q].loss) return false;
  }
  return true;
}

/// Takes the records that cannot be resumed from out of `queues`, each with a line that says why. True:
/// others are left.
bool give_up_unsound(const Positions& now, const ServerView& view, const Filter& configured,
                     std::vector<QueueView>& queues, std::vector<std::string>& lines) {
  bool any_left = false;
  for (std::size_t q = 0; q < queues.size(); ++q) {
    QueueView& queue = queues[q];
    if (now.unreadable[q]) lines.push_back("queue " + queue.name + ": " + now.unreadable[q]->message);
    if (!queue.record) continue;
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
Acceptance go_on_together(const Positions& now, const Resume& resume, const std::vector<QueueView>& queues,
                          std::vector<std::string> lines) {
  Acceptance plan;
  plan.lines = std::move(lines);
  plan.records = resume.records;
  for (std::size_t q = 0; q < queues.size(); ++q) {
    Record& record = plan.records[q];
    if (queues[q].record && !record.loss.empty()) {
      plan.lines.push_back("queue " + queues[q].name + " has missed " + record.loss);
    }
    record.loss.clear();
    record.epoch = next_epoch(now);
    if (queues[q].record || !now.texts[q]) continue;
    plan.lines.push_back(
        "queue " + queues[q].name + " goes on at " + to_string(record.position.restart) +
        " like the others: what it took since may come twice, what it had not taken before is missing");
    // A stream knows itself how far it was: its ids are the numbers.
    if (now.unreadable[q] && now.last_ids[q] > record.position.number) {
      record.position.number = now.last_ids[q];
      record.position.last.reset();
    }
  }
  return plan;
}

/// No position is left: every queue goes on where the slot does, counting on from the highest number.
Acceptance go_on_from_slot(const Positions& now, const ServerView& view, const Filter& configured,
                           std::vector<std::string> lines) {
  Acceptance plan;
  plan.lines = std::move(lines);
  plan.make_slot = !view.slot_exists || view.slot_lost;
  plan.drop_slot = view.slot_exists && view.slot_lost;
  if (plan.make_slot) {
    plan.lines.push_back(
        "slot " + view.here.slot +
        (plan.drop_slot ? " is lost: the server has removed the log it needed" : " does not exist"));
  }
  std::uint64_t number = *std::max_element(now.last_ids.begin(), now.last_ids.end());
  for (const QueueView& queue : now.queues) {
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
  plan.records = fresh_records(now.queues.size(), view.confirmed, view.here, configured);
  for (Record& record : plan.records) {
    record.position.number = number;
    record.epoch = next_epoch(now);
  }
  return plan;
}

/// Takes the mark away that a person has seen, whatever the owner writes meanwhile. Gives what the record
/// became.
Result<Record> clear_mark(const std::string& queue, const Record& seen, std::optional<std::string> text,
                          redis::RecordStore& store) {
  constexpr int kTries = 1000;  // an owner under load writes it every few milliseconds
  for (int i = 0; text && i < kTries; ++i) {
    Result<Record> record = parse_record(*text);
    if (!record) return record;
    if (record->loss.empty()) return record;
    if (record->loss != seen.loss) break;
    record->loss.clear();
    ++record->epoch;
    auto replaced = store.replace(queue, text, format_record(*record));
    if (!replaced) return replaced.error();
    if (replaced->replaced) return record;
    text = std::move(replaced->current);
  }
  return Error{ErrorKind::fenced, "the position of queue " + queue + " changed meanwhile",
               "Run `hash-realtime accept-loss` again."};
}

Result<Lsn> clear_marks(const Positions& seen, redis::RecordStore& store) {
  Lsn least{~std::uint64_t{0}};
  for (std::size_t q = 0; q < seen.queues.size(); ++q) {
    const Result<Record> now = clear_mark(seen.queues[q].name, *seen.queues[q].record, seen.texts[q], store);
    if (!now) return now.error();
    least = std::min(least, now->position.restart);
  }
  return least;
}

}  // namespace

Result<std::optional<Acceptance>> plan_acceptance(const Positions& now, const Config& config,
                                                  const Filter& configured) {
  if (auto refused = refusal(now, config, configured)) return *refused;
  const ServerView view = now.view(config);
  if (now.all_readable()) {
    const ResumeDecision decision = decide_resume(view, now.queues, configured);
    if (const auto* resume = std::get_if<Resume>(&decision)) {
      if (now.slot.active && !only_marks(now, *resume)) return owner_runs(now, config);
      std::optional<Acceptance> plan = clear(now, *resume);
      if (plan) plan->beside_owner = now.slot.active;
      return plan;
    }
    // Neither slot nor records: the service begins by itself.
    if (std::holds_alternative<CreateSlot>(decision)) return std::optional<Acceptance>();
  }
  if (now.slot.active) return owner_runs(now, config);
  std::vector<QueueView> queues = now.queues;
  std::vector<std::string> lines;
  if (give_up_unsound(now, view, configured, queues, lines)) {
    const ResumeDecision decision = decide_resume(view, queues, configured);
    if (const auto* resume = std::get_if<Resume>(&decision)) {
      return std::optional(go_on_together(now, *resume, queues, std::move(lines)));
    }
  }
  return std::optional(go_on_from_slot(now, view, configured, std::move(lines)));
}

Result<Lsn> carry_out(Acceptance acceptance, const Positions& seen, const Config& config,
                      postgres::Connection& connection, redis::RecordStore& store,
                      const std::function<void()>& while_waiting) {
  if (acceptance.beside_owner) return clear_marks(seen, store);
  if (acceptance.drop_slot) {
    if (Status dropped = postgres::drop_slot(connection, config.slot_name); !dropped) return dropped.error();
  }
  if (acceptance.make_slot) {
    const Result<Lsn> start = postgres::create_slot(connection, config.slot_name,
                                                    acceptance.records.front().filter.plugin, while_waiting);
    if (!start) return start.error();
    for (Record& record : acceptance.records) record.position.restart = *start;
  }
  Lsn least{~std::uint64_t{0}};
  for (std::size_t q = 0; q < acceptance.records.size(); ++q) {
    const Record& record = acceptance.records[q];
    const std::string& queue = config.queues[q].name;
    const auto replaced = store.replace(queue, seen.texts[q], format_record(record));
    if (!replaced) return replaced.error();
    if (!replaced->replaced) {
      return Error{ErrorKind::fenced,
                   "the position of queue " + queue + " changed meanwhile: an instance of the service runs",
                   "Stop every instance of the service, then run `hash-realtime accept-loss` again."};
    }
    least = std::min(least, record.position.restart);
  }
  return least;
}

}  // namespace realtime
