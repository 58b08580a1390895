#include "pipeline/queue_record.hpp"

#include <algorithm>
#include <utility>

#include "realtime/checkpoint_text.hpp"

namespace realtime {
namespace {

Record with(Record record, const Position& position, const Filter& filter) {
  record.position = position;
  record.filter = filter;
  return record;
}

}  // namespace

QueueRecord::QueueRecord(const Record& record, const Filter& filter, std::string queue)
    : queue_(std::move(queue)),
      filter_(filter),
      record_(record),
      text_(format_record(record)),
      progress_(record.position),
      format_(record),
      furthest_aim_(record.position.number) {}

const std::string& QueueRecord::aim_push(const Position& position) {
  if (!(record_.filter == filter_)) format_ = RecordWriter(with(record_, position, filter_));
  aim(position);
  aims_at_messages_ = true;
  return target_text_;
}

const std::string& QueueRecord::aim(const Position& position) {
  aimed_ = true;
  aims_at_messages_ = false;
  target_ = position;
  furthest_aim_ = std::max(furthest_aim_, position.number);
  target_beat_ = record_.life.beat + (record_.life.lease_ms != 0 ? 1 : 0);
  format_.write(position, target_beat_, target_text_);
  return target_text_;
}

std::optional<std::string> QueueRecord::changed_lists() const {
  if (record_.filter.digest == filter_.digest) return std::nullopt;
  return format_lists(filter_);
}

Result<QueueRecord::Shows> QueueRecord::read(const std::optional<std::string>& text) {
  if (aimed_ && text == target_text_) {
    text_.swap(target_text_);
    if (aims_at_messages_) record_.filter = filter_;
    record_.life.beat = target_beat_;
    follow(target_);
    return Shows::aim;
  }
  if (text == text_) return Shows::no_change;
  return judge(text);
}

void QueueRecord::follow(const Position& position) {
  record_.position = position;
  progress_.record(position);
  aimed_ = false;
}

/// The record is neither what it was nor what the running step makes of it.
Result<QueueRecord::Shows> QueueRecord::judge(const std::optional<std::string>& text) {
  const std::string whose = "queue " + queue_ + ": ";
  if (!text) return Error{ErrorKind::redis_forgot, whose + "the position record is gone"};
  const Result<Record> seen = parse_record(*text);
  if (!seen) return Error{seen.error().kind, whose + seen.error().message};
  const History &theirs = seen->history, &ours = record_.history;
  if (theirs.system_identifier != ours.system_identifier || !theirs.same_service(ours)) {
    return Error{ErrorKind::other_service, whose + "another service has written the position record (slot " +
                                               theirs.slot + " of database " + theirs.database + ")"};
  }
  if (seen->epoch > record_.epoch) {
    return Error{ErrorKind::fenced, whose + "another instance has taken over (epoch " +
                                        std::to_string(seen->epoch) + ", ours is " +
                                        std::to_string(record_.epoch) + ")"};
  }
  if (is_older_beat(*seen)) {  // Redis forgot signs of life, and nothing else
    text_ = *text;
    return Shows::no_change;
  }
  if (is_given_up_step(*seen)) {
    record_.filter = seen->filter;
    record_.life.beat = seen->life.beat;
    format_ = RecordWriter(record_);
    text_ = *text;
    follow(seen->position);
    return Shows::given_up_step;
  }
  const bool back =
      seen->position.number < record_.position.number || (seen->position.number == record_.position.number &&
                                                          seen->position.restart <= record_.position.restart);
  return Error{ErrorKind::redis_forgot,
               whose + (back ? "the position record went back to " : "somebody set the position record to ") +
                   at(seen->position) + ", it was at " + at(record_.position)};
}

bool QueueRecord::is_older_beat(const Record& seen) const {
  Record now = record_;
  now.life.beat = seen.life.beat;
  return seen == now && seen.life.beat < record_.life.beat;
}

/// Whether the record is one that a step of ours makes of the record we know, and no further than any went.
bool QueueRecord::is_given_up_step(const Record& seen) const {
  const Position &now = record_.position, &then = seen.position;
  const bool may_filter = seen.filter == record_.filter || seen.filter == filter_;
  Record one_of_ours = with(record_, then, seen.filter);
  one_of_ours.life.beat = seen.life.beat;
  if (!may_filter || seen != one_of_ours) return false;
  if (then == now) return seen.life.beat > record_.life.beat;
  if (then.number > furthest_aim_ || then.restart < now.restart) return false;
  if (then.number != now.number) return then.number > now.number;
  return then.last == now.last && (then.restart > now.restart || (then.clean && !now.clean));
}

std::string QueueRecord::at(const Position& position) const {
  return to_string(position.restart) + " (message " + std::to_string(position.number) + ")";
}

}  // namespace realtime
