#include "pipeline/writer.hpp"

#include <algorithm>
#include <utility>

#include <poll.h>

#include "base/check.hpp"
#include "base/failpoint.hpp"

namespace realtime {
namespace {

constexpr std::int64_t kUnixToPostgresUs = 946'684'800'000'000;  // PostgreSQL counts from 2000-01-01

std::int64_t postgres_now_us() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count() - kUnixToPostgresUs;
}

std::uint64_t microseconds(Duration duration) {
  const auto count = std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
  return count < 0 ? 0 : static_cast<std::uint64_t>(count);
}

}  // namespace

Writer::Writer(std::size_t index, const Record& record, const Filter& filter, QueueSink& sink,
               InFlightWindow& window, const Clock& clock, Outcome& outcome, Confirmable& confirmable,
               std::function<bool()> hurried, const WriterSettings& settings, PipelineMetrics::Queue& metrics)
    : index_(index),
      sink_(sink),
      clock_(clock),
      outcome_(outcome),
      confirmable_(confirmable),
      hurried_(std::move(hurried)),
      settings_(settings),
      metrics_(metrics),
      troubles_(sink.name(), metrics),
      record_(record),
      text_(format_record(record)),
      progress_(record.position),
      gatherer_(index, window, record.position, settings.gather),
      filter_(filter),
      format_(record),
      standing_(settings.replay_window),
      record_due_(clock.now() + settings.record_interval),
      backoff_(record.epoch * 64 + index) {
  metrics_.written_lsn.set(record.position.restart.value);
  metrics_.written_number.set(record.position.number);
}

std::size_t Writer::do_work() {
  const TimePoint now = clock_.now();
  switch (state_) {
    case State::ended:
      return 0;
    case State::closed:
      if (now < retry_at_) return 0;
      step_began_ = now;
      sink_.open();
      state_ = State::opening;
      return 1;
    case State::opening:
    case State::working:
      if (auto seen = sink_.poll(now)) {
        observe(*seen, now);
        return 1;
      }
      return 0;
    case State::ready: {
      const std::uint64_t before = gatherer_.taken();
      return begin_step(now) || gatherer_.taken() != before
                 ? 1
                 : 0;  // places taken on the way are news for the reader
    }
  }
  return 0;
}

bool Writer::begin_step(TimePoint now) {
  if (!sink_.is_open()) {
    retry({ErrorKind::redis_unreachable, "the connection was closed"}, now);
    return true;
  }
  switch (gatherer_.gather(progress_, now)) {
    case BatchGatherer::Found::batch:
      begin_push(now);
      return true;
    case BatchGatherer::Found::other_history:
      end({ErrorKind::other_history,
           "queue " + sink_.name() + ": message " + std::to_string(progress_.recorded().number) +
               " of the stream is row " + to_string(gatherer_.disagreement().lsn) + ", the record says row " +
               to_string(progress_.recorded().last->lsn)});
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
  target_.reset();
  begin(Step::read, now);
  sink_.read();
  return true;
}

void Writer::begin_push(TimePoint now) {
  const std::optional<Position> position = progress_.after(gatherer_.reached());
  RT_CHECK(position.has_value(), "new messages lead further");
  if (!(record_.filter == filter_)) {
    Record next = record_;
    next.filter = filter_;
    format_ = RecordWriter(next);
  }
  aim(*position);
  begin(Step::push, now);
  failpoint::hit(failpoint::Point::before_push);
  sink_.push(gatherer_.batch(), target_text_);
  failpoint::hit(failpoint::Point::after_push_before_reply);
}

void Writer::begin(Step step, TimePoint now) {
  step_ = step;
  step_began_ = now;
  state_ = State::working;
}

/// Records how far an idle stream has come, on the clock: what is confirmed is in the record first.
bool Writer::begin_record(TimePoint now) {
  if (now < record_due_ && !hurried_()) return false;
  const auto position = progress_.after(gatherer_.passed());
  if (!position) {
    if (now >= record_due_) record_due_ = now + settings_.record_interval;
    return false;
  }
  aim(*position);
  begin(Step::record, now);
  sink_.set_record(target_text_);
  return true;
}

void Writer::aim(const Position& position) {
  target_ = position;
  format_.write(position, target_text_);
}

void Writer::observe(Observation& seen, TimePoint now) {
  if (seen.length) {
    metrics_.length.set(*seen.length);
    metrics_.length_known.set(1);
  }
  if (!seen.record_read) {
    return retry(
        seen.error ? std::move(*seen.error) : Error{ErrorKind::redis_unknown, "no answer was understood"},
        now);
  }
  if (target_ && seen.record == target_text_) {
    settle(now);
  } else if (seen.record != text_) {
    return judge(seen.record);
  } else if (target_ && state_ == State::working) {
    refused_ = true;
    return retry(seen.error
                     ? std::move(*seen.error)
                     : Error{ErrorKind::redis_unknown, "the step was not done, though nothing was refused"},
                 now);
  }
  if (state_ == State::opening) {
    standing_.written(record_.position.restart, now);
    if (!refused_) clear_trouble(now);
  }
  if (const auto lsn = standing_.seen_standing(step_began_)) {
    metrics_.confirmed_lsn.set(lsn->value);
    confirmable_.raise(*lsn);
  }
  target_.reset();  // where it was not done before the connection broke, it is gathered again
  state_ = State::ready;
}

/// The running step is done: the record says so.
void Writer::settle(TimePoint now) {
  record_.position = *target_;
  text_.swap(target_text_);
  progress_.record(*target_);
  standing_.written(record_.position.restart, now);
  record_due_ = now + settings_.record_interval;
  target_.reset();
  refused_ = false;
  clear_trouble(now);
  metrics_.written_lsn.set(record_.position.restart.value);
  metrics_.written_number.set(record_.position.number);
  if (step_ != Step::push) return;
  record_.filter = filter_;
  gatherer_.settle();
  count_batch(now);
  failpoint::hit(failpoint::Point::between_queues);
}

void Writer::count_batch(TimePoint now) {
  const Batch& batch = gatherer_.batch();
  metrics_.batches.add();
  metrics_.messages.add(batch.messages);
  metrics_.bytes.add(batch.bytes);
  metrics_.push.observe_us(microseconds(now - step_began_));
  metrics_.waited_redis_us.add(microseconds(now - step_began_));
  metrics_.sequenced_to_written.observe_us(microseconds(now - gatherer_.oldest_received()));
  if (gatherer_.newest_sent_us() > 0) {
    const std::int64_t age = postgres_now_us() - gatherer_.newest_sent_us();
    metrics_.sent_to_written.observe_us(static_cast<std::uint64_t>(std::max<std::int64_t>(0, age)),
                                        batch.messages);
  }
}

/// The record is neither what it was nor what we wanted: somebody else wrote it, or Redis forgot.
void Writer::judge(const std::optional<std::string>& text) {
  const std::string whose = "queue " + sink_.name() + ": ";
  if (!text) return end({ErrorKind::redis_forgot, whose + "the position record is gone"});
  const Result<Record> parsed = parse_record(*text);
  if (!parsed) return end({parsed.error().kind, whose + parsed.error().message});
  const History &theirs = parsed->history, &ours = record_.history;
  if (theirs.system_identifier != ours.system_identifier || theirs.database != ours.database ||
      theirs.slot != ours.slot) {
    return end({ErrorKind::other_service, whose + "another service has written the position record (slot " +
                                              theirs.slot + " of database " + theirs.database + ")"});
  }
  if (parsed->epoch > record_.epoch) {
    return end({ErrorKind::fenced, whose + "another instance has taken over (epoch " +
                                       std::to_string(parsed->epoch) + ", ours is " +
                                       std::to_string(record_.epoch) + ")"});
  }
  end({ErrorKind::redis_forgot,
       whose + "the position record went back to " + to_string(parsed->position.restart) + " (message " +
           std::to_string(parsed->position.number) + "), it was at " + to_string(record_.position.restart) +
           " (message " + std::to_string(record_.position.number) + ")"});
}

void Writer::retry(Error error, TimePoint now) {
  if (policy_of(error.kind).action != Action::retry) return end(std::move(error));
  // A refused step leaves the connection as it is; after a failed one everything is opened and read anew.
  // Either way the step is gathered again, so that the record read next decides what is still to be done.
  sink_.close();
  state_ = State::closed;
  retry_at_ = now + backoff_.next();
  troubles_.begin(std::move(error), record_.position.restart, now);
}

void Writer::clear_trouble(TimePoint now) {
  backoff_.reset();
  troubles_.end(now);
}

void Writer::end(Error error) {
  state_ = State::ended;
  sink_.close();
  outcome_.fail(std::move(error));
}

Stage::Idle Writer::idle() const {
  switch (state_) {
    case State::ended:
      return {.deaf = true};
    case State::closed:
      return {.fd = -1, .events = 0, .until = retry_at_, .deaf = true};
    case State::opening:
    case State::working: {
      const QueueSink::Wait wait = sink_.wait();
      return {.fd = wait.fd,
              .events = wait.events,
              .until = wait.until,
              .attendable = state_ == State::working && wait.events == POLLIN,
              .deaf = true};
    }
    case State::ready:
      break;
  }
  const QueueSink::Wait wait = sink_.wait();
  const bool to_record = progress_.after(gatherer_.passed()).has_value();
  return {.fd = wait.fd,
          .events = wait.events,
          .until = std::min(
              {gatherer_.wait_until(), standing_.next_due(), to_record ? record_due_ : TimePoint::max()}),
          .attendable = true,
          .deaf = false};
}

}  // namespace realtime
