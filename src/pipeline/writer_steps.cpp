#include "base/check.hpp"
#include "base/failpoint.hpp"
#include "pipeline/writer.hpp"

// What a writer that is ready does next: pushes what is new, or records how far an idle stream has come, or
// reads whether its record still stands.

namespace realtime {
namespace {

/// No connection is closed for having been idle before (Redis' `timeout` has whole seconds).
constexpr Duration kIdle = std::chrono::milliseconds(900);

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
  const std::optional<Position> position = record_.progress().after(gatherer_.reached());
  RT_CHECK(position.has_value(), "new messages lead further");
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

/// Records how far an idle stream has come, on the clock: what is confirmed is in the record first.
bool Writer::begin_record(TimePoint now) {
  if (now < record_due_ && !hurried_()) return false;
  const auto position = record_.progress().after(gatherer_.passed());
  if (!position) {
    if (now >= record_due_) record_due_ = now + settings_.record_interval;
    return false;
  }
  const std::string& text = record_.aim(*position);
  begin(Step::record, now);
  sink_.set_record(text);
  return true;
}

void Writer::begin(Step step, TimePoint now) {
  step_ = step;
  step_began_ = now;
  after_idleness_ = now - last_step_end_ > kIdle;
  state_ = State::working;
}

}  // namespace realtime
