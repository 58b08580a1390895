#include "app/accept_loss/acceptance.hpp"

#include <algorithm>

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
  if (now.slot.active) {
    return Error{ErrorKind::slot_active,
                 slot + " is streamed by process " + std::to_string(now.slot.active_pid),
                 "Stop every instance of the service, then run `hash-realtime accept-loss` again."};
  }
  return std::nullopt;
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

/// No position can be resumed from: every queue goes on where the slot does, counting on from the highest
/// number.
Acceptance go_on_from_slot(const Positions& now, const ServerView& view, const Filter& configured) {
  Acceptance plan;
  plan.make_slot = !view.slot_exists || view.slot_lost;
  plan.drop_slot = view.slot_exists && view.slot_lost;
  std::uint64_t number = *std::max_element(now.last_ids.begin(), now.last_ids.end());
  for (std::size_t q = 0; q < now.queues.size(); ++q) {
    const QueueView& queue = now.queues[q];
    const std::string name = "queue " + queue.name + ": ";
    if (now.unreadable[q]) plan.lines.push_back(name + now.unreadable[q]->message + "; it is replaced");
    if (!queue.record) continue;
    number = std::max(number, queue.record->position.number);
    const Lsn at = queue.record->position.restart;
    const Lsn to = plan.make_slot ? view.wal_end : view.confirmed;
    const bool same_history =
        queue.record->history.system_identifier == view.here.system_identifier && at <= to;
    plan.lines.push_back(
        name + (same_history
                    ? "what was committed in (" + to_string(at) + ", " + to_string(to) + "] is lost to it"
                    : "its position " + to_string(at) + " is given up for the slot's"));
  }
  plan.records = fresh_records(now.queues.size(), view.confirmed, view.here, configured);
  for (Record& record : plan.records) {
    record.position.number = number;
    record.epoch = next_epoch(now);
  }
  return plan;
}

}  // namespace

Result<std::optional<Acceptance>> plan_acceptance(const Positions& now, const Config& config,
                                                  const Filter& configured) {
  if (auto refused = refusal(now, config, configured)) return *refused;
  const ServerView view = now.view(config);
  if (!now.all_readable()) return std::optional(go_on_from_slot(now, view, configured));
  const ResumeDecision decision = decide_resume(view, now.queues, configured);
  if (const auto* resume = std::get_if<Resume>(&decision)) return clear(now, *resume);
  if (const auto* error = std::get_if<Error>(&decision)) {
    Acceptance plan = go_on_from_slot(now, view, configured);
    plan.lines.insert(plan.lines.begin(), error->message);
    return std::optional(std::move(plan));
  }
  return std::optional<Acceptance>();  // neither slot nor records: the service begins by itself
}

Result<Lsn> carry_out(Acceptance acceptance, const Positions& seen, const Config& config,
                      postgres::Connection& connection, redis::RecordStore& store,
                      const std::function<void()>& while_waiting) {
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
