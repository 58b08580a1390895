#include <utility>

#include "redis/atomic_push.hpp"
#include "redis/replies.hpp"
#include "redis/server_facts.hpp"

// Each reply of an operation is matched to its command; what does not fit ends the connection.

namespace realtime::redis {
namespace {

constexpr std::string_view kHalfDone = "pushed, but the record could not be set, to";

Error out_of_step(const std::string& queue) {
  return {ErrorKind::redis_unreachable, "Redis answered out of step for queue '" + queue + "'"};
}

}  // namespace

Status AtomicPush::take(const redisReply& reply) {
  const Expect expect = expected_.front();
  expected_.pop_front();
  const bool error = is_error(reply);
  const auto refused = [&](std::string_view verb) { return error_from(text_of(reply), doing(verb)); };
  switch (expect) {
    case Expect::ok:
    case Expect::queued:
      if (error && !refused_) refused_ = refused("no push to");
      if (error || is_status(reply, expect == Expect::ok ? "OK" : "QUEUED")) return ok();
      break;
    case Expect::exec:
      return take_exec(reply);
    case Expect::unwatched:
    case Expect::watched:
      if (error) blame(refused("no watch over the record of"));
      watched_ = expect == Expect::watched && !error;
      if (error || is_status(reply, "OK")) return ok();
      break;
    case Expect::record:
      if (error) blame(refused("the record could not be read of"));
      observation_.record_read = reply.type == REDIS_REPLY_STRING || reply.type == REDIS_REPLY_NIL;
      observation_.record.reset();
      if (reply.type == REDIS_REPLY_STRING) observation_.record = std::string(text_of(reply));
      if (error || observation_.record_read) return ok();
      break;
    case Expect::answer:
      hear_answer(reply);
      return ok();
    case Expect::persistence:
      take_persistence(reply);
      return ok();
    case Expect::replaced:
      if (error) blame(refused("the record could not be set of"));
      if (error || reply.type == REDIS_REPLY_ARRAY) return ok();
      break;
  }
  return out_of_step(queue_);
}

Status AtomicPush::take_exec(const redisReply& reply) {
  // "EXECABORT Transaction discarded because of previous errors." hides them; a cause that it names itself
  // counts.
  if (refused_) blame(*std::exchange(refused_, std::nullopt));
  if (is_error(reply)) {
    blame(error_from(text_of(reply), doing("no push to")));
    return ok();
  }
  if (reply.type == REDIS_REPLY_NIL) return ok();  // somebody changed the record: reading it tells the rest
  if (reply.type != REDIS_REPLY_ARRAY || reply.elements != executes_) return out_of_step(queue_);
  if (executes_ > 0) take_executed(elements_of(reply));
  return ok();
}

/// A Redis whose disk is full refuses writes and still answers GET, from its memory.
void AtomicPush::take_persistence(const redisReply& reply) {
  may_ask_persistence_ = reply.type == REDIS_REPLY_STRING;  // else this user may not know
  if (!may_ask_persistence_ || info_field(text_of(reply), "aof_enabled") != "1") return;
  if (info_field(text_of(reply), "aof_last_write_status").value_or("ok") == "ok") return;
  observation_.unsaved = true;
  blame({ErrorKind::redis_cannot_persist,
         "Redis cannot write its append-only file (aof_last_write_status): "
         "nothing of queue '" +
             queue_ + "' is confirmed to PostgreSQL"});
}

void AtomicPush::take_executed(std::span<redisReply* const> replies) {
  replies = replies.subspan(checks_);  // what they answer is of no interest: they were queued
  const std::span<redisReply* const> pushes = replies.first(pushes_);
  const redisReply& record = *replies[pushes_];
  const redisReply* refused = nullptr;
  for (const redisReply* push : pushes) {
    if (is_error(*push) && refused == nullptr) refused = push;
  }
  const bool recorded = !is_error(record);
  if (refused != nullptr) {
    blame(error_from(text_of(*refused), doing("no push to")));
    if (recorded) owed_ = Owed{new_record_, last_record_, {}, true};
    return;
  }
  if (!recorded) {
    blame(error_from(text_of(record), doing(kHalfDone)));
    owed_ = Owed{last_record_, new_record_, new_lists_, false};
    return;
  }
  observation_.length = length_from(pushes, record);
  pushed();
  for (const redisReply* after : replies.subspan(pushes_ + 1)) {
    if (is_error(*after)) blame(error_from(text_of(*after), doing("not trimmed:")));
  }
}

}  // namespace realtime::redis
