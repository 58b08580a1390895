#include "redis/atomic_push.hpp"

#include "realtime/position.hpp"

#include "redis/replies.hpp"
#include "redis/scripts.hpp"

namespace realtime::redis {
namespace {

constexpr std::string_view kHalfDone = "pushed, but the record could not be set, to";

Error out_of_step(const std::string& queue) {
  return {ErrorKind::redis_unreachable, "Redis answered out of step for queue '" + queue + "'"};
}

}  // namespace

AtomicPush::AtomicPush(Endpoint endpoint, std::string queue, std::string_view type)
    : queue_(std::move(queue)),
      record_key_(record_key(queue_)),
      type_(type),
      connection_(std::move(endpoint)) {}

// --- operations ------------------------------------------------------------------------------------------

void AtomicPush::open() {
  begin();
  if (Status opened = connection_.open(); !opened) return blame(opened.error());
  // Proves the right to MULTI: without it the commands of a transaction would run one by one, unwatched.
  output().command({"MULTI"});
  output().command({"EXEC"});
  expected_ = {Expect::ok, Expect::exec};
  write_read(true);
}

void AtomicPush::push(const Batch& batch, std::string_view record) {
  begin();
  if (owed_) return write_read(true);
  if (Status may = may_push(batch); !may) {
    blame(may.error());
    return write_read(true);
  }
  write_transaction(&batch, record);
  write_read(false);
}

void AtomicPush::set_record(std::string_view record) {
  begin();
  if (!owed_) write_transaction(nullptr, record);
  write_read(false);
}

void AtomicPush::read() {
  begin();
  write_read(true);
}

void AtomicPush::close() {
  connection_.close();
  running_ = false;
}

void AtomicPush::begin() {
  RT_CHECK(!running_, "one operation at a time");
  running_ = true;
  expected_.clear();
  pushes_ = executes_ = 0;
  refused_.reset();
  watched_ = repair_tried_ = false;
  observation_ = {};
  connection_.begin_wait();
}

// --- commands --------------------------------------------------------------------------------------------

void AtomicPush::write_transaction(const Batch* batch, std::string_view record) {
  new_record_ = record;
  output().command({"MULTI"});
  if (batch != nullptr && batch->messages > 0) {
    pushes_ = write_push(*batch);
    const std::string id = first_id(*batch);
    output().begin_command(id.empty() ? 8 : 9);
    for (const std::string_view part :
         {std::string_view("EVAL"), kSetRecord, std::string_view("2"), std::string_view(queue_),
          std::string_view(record_key_), type_, record, std::string_view("1")})
      output().argument(part);
    if (!id.empty()) output().argument(id);
    executes_ = pushes_ + 1 + write_after();
  } else {
    output().command({"EVAL", kSetRecord, "2", queue_, record_key_, type_, record, "0"});
    executes_ = 1;
  }
  output().command({"EXEC"});
  expected_.push_back(Expect::ok);
  expected_.insert(expected_.end(), executes_, Expect::queued);
  expected_.push_back(Expect::exec);
}

/// UNWATCH first: a WATCH that another's change has spoilt already stays spoilt when it is asked for again.
void AtomicPush::write_read(bool ask) {
  output().command({"UNWATCH"});
  output().command({"WATCH", record_key_});
  output().command({"GET", record_key_});
  expected_.insert(expected_.end(), {Expect::unwatched, Expect::watched, Expect::record});
  if (ask && write_question()) expected_.push_back(Expect::answer);
}

void AtomicPush::write_repair() {
  output().begin_command(owed_->expected ? 7 : 6);
  for (const std::string_view part :
       {std::string_view("EVAL"), kReplaceRecord, std::string_view("2"), std::string_view(queue_),
        std::string_view(record_key_), std::string_view(*owed_->wanted)})
    output().argument(part);
  if (owed_->expected) output().argument(*owed_->expected);
  expected_.push_back(Expect::repaired);
  write_read(false);
}

// --- progress --------------------------------------------------------------------------------------------

std::optional<Observation> AtomicPush::poll(TimePoint now) {
  if (!running_) return std::nullopt;
  if (!connection_.is_open()) return fail({ErrorKind::redis_unreachable, "not connected to Redis"});
  const Status moved = connection_.advance(now);
  while (!expected_.empty()) {
    Result<std::optional<Reply>> reply = connection_.next_reply();
    if (!reply) return fail(reply.error());
    if (!*reply) break;
    if (Status taken = take(***reply); !taken) return fail(taken.error());
  }
  if (expected_.empty()) return finish();
  if (!moved) return fail(moved.error());
  return std::nullopt;
}

QueueSink::Wait AtomicPush::wait() const {
  if (!running_) return {};
  if (!connection_.is_open()) return {-1, 0, TimePoint{}};  // poll() has the failure at once
  const Connection::Wait wait = connection_.wait();
  return {wait.fd, wait.events, wait.until};
}

/// The first thing that went wrong is the one to tell of.
void AtomicPush::blame(Error error) {
  if (!observation_.error) observation_.error = std::move(error);
}

std::optional<Observation> AtomicPush::fail(Error error) {
  blame(std::move(error));
  if (refused_) observation_.error = std::move(refused_);
  observation_.record_read = false;
  observation_.record.reset();
  close();
  return std::move(observation_);
}

std::optional<Observation> AtomicPush::finish() {
  if (!observation_.record_read || !watched_)
    return fail({ErrorKind::redis_unknown, doing("no record was read of")});
  last_record_ = observation_.record;
  if (owed_ && repair_begun()) return std::nullopt;
  running_ = false;
  return std::move(observation_);
}

/// Settles what is owed by what the record says now; true where a repair is on its way.
bool AtomicPush::repair_begun() {
  if (observation_.record == owed_->wanted) {
    observation_.error.reset();  // repaired: the step is whole
    owed_.reset();
    return false;
  }
  if (observation_.record != owed_->expected) {
    owed_.reset();  // another has written it: its record decides what comes next
    return false;
  }
  if (repair_tried_ || !owed_->wanted) {
    blame({ErrorKind::redis_unknown, doing("a step was done by half on")});
    return false;
  }
  repair_tried_ = true;
  watched_ = observation_.record_read = false;
  write_repair();
  connection_.begin_wait();
  return true;
}

// --- replies ---------------------------------------------------------------------------------------------

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
      if (reply.type == REDIS_REPLY_STRING) observation_.record = text_of(reply);
      if (error || observation_.record_read) return ok();
      break;
    case Expect::answer:
      hear_answer(reply);
      return ok();
    case Expect::repaired:
      if (error) blame(refused("the record could not be repaired of"));
      return ok();
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

void AtomicPush::take_executed(std::span<redisReply* const> replies) {
  const std::span<redisReply* const> pushes = replies.first(pushes_);
  const redisReply& record = *replies[pushes_];
  const redisReply* refused = nullptr;
  for (const redisReply* push : pushes) {
    if (is_error(*push) && refused == nullptr) refused = push;
  }
  const bool recorded = !is_error(record);
  if (refused != nullptr) {
    blame(error_from(text_of(*refused), doing("no push to")));
    if (recorded) owed_ = Owed{new_record_, last_record_};
    return;
  }
  if (!recorded) {
    blame(error_from(text_of(record), doing(pushes_ == 0 ? "no record for" : kHalfDone)));
    if (pushes_ > 0) owed_ = Owed{last_record_, new_record_};
    return;
  }
  observation_.length = length_from(pushes, record);
  if (pushes_ > 0) pushed();
  for (const redisReply* after : replies.subspan(pushes_ + 1)) {
    if (is_error(*after)) blame(error_from(text_of(*after), doing("not trimmed:")));
  }
}

}  // namespace realtime::redis
