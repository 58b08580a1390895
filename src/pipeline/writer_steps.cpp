#include <algorithm>
#include <utility>

#include "base/check.hpp"
#include "base/failpoint.hpp"
#include "pipeline/writer.hpp"

// What a writer that is ready does next: pushes what is new, or records how far an idle stream has come, or
// reads whether its record still stands.

namespace realtime {
namespace {

/// No connection is closed for having been idle before (Redis' `timeout` has whole seconds).
constexpr Duration kIdle = std::chrono::milliseconds(900);
constexpr Duration kAskAgain = std::chrono::milliseconds(20);

}  // namespace

bool Writer::begin_step(TimePoint now) {
  if (!sink_.is_open()) {
    reopen(now);
    return true;
  }
  switch (gatherer_.gather(record_.progress(), now)) {
    case BatchGatherer::Found::batch:
      begin_push(now);
      return true;
    case BatchGatherer::Found::other_history:
      end({ErrorKind::other_history, "queue " + sink_.name() + ": message " +
                                         std::to_string(record_.position().number) +
                                         " of the stream is row " + to_string(gatherer_.disagreement().lsn) +
                                         ", the record says row " + to_string(record_.position().last->lsn)});
      return true;
    case BatchGatherer::Found::nothing:
    case BatchGatherer::Found::wait:
      break;
  }
  if (begin_record(now)) return true;
  if (now < standing_.next_due()) {
    sink_.poll(now);  // a connection that ends between steps is opened anew, and the record read: Redis may
                      // have forgotten
    return !sink_.is_open();
  }
  record_.drop_aim();
  begin(Step::read, now);
  sink_.read();
  return true;
}

void Writer::begin_push(TimePoint now) {
  std::optional<Position> position = record_.progress().after(gatherer_.reached());
  RT_CHECK(position.has_value(), "new messages lead further");
  if (witness_ != nullptr) {  // a keepalive behind them is recorded with its log hash, or not at all
    position->clean = false;
    position->restart = std::max(gatherer_.message_restart(), record_.position().restart);
    position->log.reset();
  }
  const std::string& text = record_.aim_push(*position);
  begin(Step::push, now);
  failpoint::hit(failpoint::Point::before_push);
  if (const auto lists = record_.changed_lists()) {
    Batch batch = gatherer_.batch();
    batch.lists = *lists;
    sink_.push(batch, text);
  } else {
    sink_.push(gatherer_.batch(), text);
  }
  failpoint::hit(failpoint::Point::after_push_before_reply);
}

/// Records how far an idle stream has come, on the clock: what is confirmed is in the record first. And that
/// we are alive, where nothing else is recorded for long.
bool Writer::begin_record(TimePoint now) {
  const std::optional<Position> position = keepalive_to_record(now);
  if (!position && now < beat_due_) return false;
  only_beats_ = !position;
  const std::string& text = record_.aim(position.value_or(record_.position()));
  begin(Step::record, now);
  sink_.set_record(text);
  return true;
}

/// The keepalive's point that is due to be recorded; none: nothing is, or not yet.
std::optional<Position> Writer::keepalive_to_record(TimePoint now) {
  ask_again_ = TimePoint::max();
  const Position& recorded = record_.position();
  if (candidate_ && (candidate_->number != recorded.number || candidate_->restart < recorded.restart))
    candidate_.reset();
  if (!candidate_) {
    if (now < record_due_ && !hurried_()) return std::nullopt;
    candidate_ = record_.progress().after(gatherer_.passed());
    confirmable_.set_settled(!candidate_);
  }
  if (candidate_) return with_log(now);
  if (now >= record_due_) record_due_ = now + settings_.record_interval;
  return std::nullopt;
}

/// The candidate with the hash of the log before it, once it is known.
std::optional<Position> Writer::with_log(TimePoint now) {
  if (witness_ == nullptr) return std::exchange(candidate_, std::nullopt);
  const LogWitness::Told told = witness_->ask(candidate_->restart);
  switch (told.answer) {
    case LogWitness::Answer::known:
      candidate_->log = told.hash;
      return std::exchange(candidate_, std::nullopt);
    case LogWitness::Answer::never:
      return std::exchange(candidate_, std::nullopt);
    case LogWitness::Answer::pending:
      ask_again_ = now + kAskAgain;
      break;
    case LogWitness::Answer::too_short:
    case LogWitness::Answer::not_now:
      candidate_.reset();
      record_due_ = now + settings_.record_interval;
      confirmable_.set_settled(true);
      break;
  }
  return std::nullopt;
}

void Writer::begin(Step step, TimePoint now) {
  step_ = step;
  step_began_ = now;
  after_idleness_ = now - last_step_end_ > kIdle;
  state_ = State::working;
}

}  // namespace realtime
