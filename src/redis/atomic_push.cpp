#include "redis/atomic_push.hpp"

#include <poll.h>

#include "redis/keys.hpp"
#include "redis/replies.hpp"
#include "redis/scripts.hpp"

namespace realtime::redis {

AtomicPush::AtomicPush(Endpoint endpoint, std::string queue, std::string_view type)
    : queue_(std::move(queue)),
      record_key_(record_key(queue_)),
      lists_key_(lists_key(queue_)),
      type_(type),
      connection_(std::move(endpoint)) {}

// --- operations ------------------------------------------------------------------------------------------

void AtomicPush::open() {
  begin();
  may_ask_persistence_ = true;
  if (Status opened = connection_.open(); !opened) return blame(opened.error());
  // Proves the right to MULTI: without it the commands of a transaction would run one by one, unwatched.
  output().command({"MULTI"});
  output().command({"EXEC"});
  expected_ = {Expect::ok, Expect::exec};
  write_read(true);
}

void AtomicPush::push(const Batch& batch, std::string_view record) {
  if (batch.messages == 0) return replace_record(record, batch.lists);
  begin();
  if (owed_) return write_read(true);
  if (Status may = may_push(batch); !may) {
    blame(may.error());
    return write_read(true);
  }
  write_transaction(batch, record);
  write_read(false);
}

/// One compare-and-set needs no transaction, and Redis takes it also while its memory is full.
void AtomicPush::replace_record(std::string_view record, const std::optional<std::string>& lists) {
  begin();
  if (!owed_) write_replace(last_record_, record, lists);
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
  checks_ = pushes_ = executes_ = 0;
  refused_.reset();
  watched_ = repair_tried_ = false;
  observation_ = {};
  connection_.begin_wait();
}

// --- commands --------------------------------------------------------------------------------------------

void AtomicPush::write_transaction(const Batch& batch, std::string_view record) {
  new_record_ = record;
  output().command({"MULTI"});
  output().command({"TYPE", queue_});
  output().command({"SET", record_key_, "", last_record_ ? "NX" : "XX"});  // either way: nothing
  checks_ = 2 + write_checks(batch);
  pushes_ = write_push(batch);
  new_lists_ = batch.lists;
  write_script(kSetRecord, batch.lists, 4);
  output().argument(type_);
  output().argument(record);
  output().argument(first_id(batch));
  output().argument(batch.lists.value_or(""));
  executes_ = checks_ + pushes_ + 1 + write_after();
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
  if (ask && may_ask_persistence_) {
    output().command({"INFO", "persistence"});
    expected_.push_back(Expect::persistence);
  }
}

void AtomicPush::write_replace(const std::optional<std::string>& expected, std::string_view record,
                               const std::optional<std::string>& lists) {
  write_script(kReplaceRecord, lists, expected ? 3 : 2);
  output().argument(record);
  output().argument(lists.value_or(""));
  if (expected) output().argument(*expected);
  expected_.push_back(Expect::replaced);
}

/// The head of an EVAL with its keys; so many arguments follow.
void AtomicPush::write_script(std::string_view script, const std::optional<std::string>& lists,
                              std::size_t arguments) {
  output().begin_command((lists ? 6 : 5) + arguments);
  output().argument("EVAL");
  output().argument(script);
  output().argument(lists ? "3" : "2");
  output().argument(queue_);
  output().argument(record_key_);
  if (lists) output().argument(lists_key_);
}

// --- progress --------------------------------------------------------------------------------------------

std::optional<Observation> AtomicPush::poll(TimePoint now) {
  if (!running_) return notice_end(now), std::nullopt;
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

/// Between operations nothing is expected: what comes is the end of the connection, or a server that is none.
void AtomicPush::notice_end(TimePoint now) {
  if (!connection_.is_open()) return;
  connection_.begin_wait();
  if (!connection_.advance(now)) return connection_.close();
  const auto stray = connection_.next_reply();
  if (!stray || stray->has_value()) connection_.close();
}

QueueSink::Wait AtomicPush::wait() const {
  if (!running_)
    return connection_.is_open() ? Wait{connection_.wait().fd, POLLIN, TimePoint::max()} : Wait{};
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
  if (owed_ && owed_->ahead)
    return fail({ErrorKind::redis_unknown, doing("the record could not be taken back of")});
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
  write_replace(owed_->expected, *owed_->wanted, owed_->lists);
  write_read(false);
  connection_.begin_wait();
  return true;
}

}  // namespace realtime::redis
