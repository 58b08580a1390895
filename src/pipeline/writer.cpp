#include "pipeline/writer.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"
#include "base/failpoint.hpp"
#include "base/log.hpp"

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

std::string seconds(Duration duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(duration).count());
}

}  // namespace

Writer::Writer(std::size_t index, const Record& record, const Filter& filter, QueueSink& sink,
               InFlightWindow& window, const Clock& clock, Outcome& outcome, Confirmable& confirmable,
               std::function<bool()> hurried, const WriterSettings& settings, PipelineMetrics::Queue& metrics)
    : index_(index),
      sink_(sink),
      window_(window),
      clock_(clock),
      outcome_(outcome),
      confirmable_(confirmable),
      hurried_(std::move(hurried)),
      settings_(settings),
      metrics_(metrics),
      record_(record),
      text_(format_record(record)),
      progress_(record.position),
      passed_(record.position),
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
      const std::uint64_t before = next_;
      return begin_step(now) || next_ != before ? 1 : 0;  // places taken on the way are news for the reader
    }
  }
  return 0;
}

bool Writer::begin_step(TimePoint now) {
  if (!sink_.is_open()) {
    retry({ErrorKind::redis_unreachable, "the connection was closed"}, now);
    return true;
  }
  if (gather(now)) return true;
  if (state_ != State::ready) return true;
  if (begin_record(now)) return true;
  if (now < standing_.next_due()) return false;
  target_.reset();
  step_began_ = now;
  state_ = State::working;
  sink_.read();
  return true;
}

/// An atomic step costs Redis and us the same whatever it carries. While the server has more to send than it
/// has sent, a small batch waits a moment; a stream that has caught up is passed on at once.
bool Writer::waits_for_company(TimePoint now) {
  gather_until_ = TimePoint::max();
  waiting_to_ = 0;
  const std::uint64_t sequenced = window_.sequenced();
  if (sequenced == next_ || window_.at(sequenced - 1).frame->caught_up) return false;
  std::size_t bytes = 0;
  for (std::uint64_t place = next_; place < sequenced; ++place) {
    const Frame& frame = *window_.at(place).frame;
    if (!frame.changes.empty()) bytes += frame.changes.back().offset + frame.changes.back().length;
    if (bytes >= settings_.worth_bytes) return false;
  }
  const TimePoint until = window_.at(next_).frame->received_at + settings_.longest_gather;
  if (now >= until) return false;
  gather_until_ = until;
  waiting_to_ = sequenced;
  return true;
}

/// Collects what is sequenced into one batch and begins to push it. Places that hold nothing new are taken on
/// the way.
bool Writer::gather(TimePoint now) {
  if (waits_for_company(now)) return false;
  const std::uint64_t sequenced = window_.sequenced();
  batch_.pieces.clear();
  batch_.messages = batch_.bytes = 0;
  newest_sent_us_ = 0;
  oldest_received_ = TimePoint::max();
  Position reached = passed_;
  std::uint64_t place = next_;
  for (; place < sequenced && batch_.bytes < settings_.batch_bytes; ++place) {
    if (!admit(window_.at(place))) return true;
    reached = window_.at(place).end;
  }
  if (place == next_) return false;
  batch_end_ = place;
  if (batch_.pieces.empty()) {
    passed_ = reached;
    next_ = place;
    window_.publish_taken(index_, next_);
    return false;
  }
  const std::optional<Position> position = progress_.after(reached);
  RT_CHECK(position.has_value(), "new messages lead further");
  if (!record_.filter.same_rows(filter_) || record_.filter.plugin != filter_.plugin) {
    Record next = record_;
    next.filter = filter_;
    format_ = RecordWriter(next);
  }
  aim(*position);
  step_began_ = now;
  state_ = State::working;
  failpoint::hit(failpoint::Point::before_push);
  sink_.push(batch_, target_text_);
  failpoint::hit(failpoint::Point::after_push_before_reply);
  return true;
}

/// Adds to the batch what is new to this queue in the place. False: the pipeline has ended.
bool Writer::admit(const Place& place) {
  const Frame& frame = *place.frame;
  const auto count = static_cast<std::uint32_t>(frame.changes.size());
  const std::uint32_t live = count - place.first_live;
  if (live == 0) return true;
  const std::uint64_t taken = progress_.recorded().number;
  const auto known = static_cast<std::uint32_t>(
      taken < place.first_number ? 0 : std::min<std::uint64_t>(live, taken - place.first_number + 1));
  if (known > 0 && taken == place.first_number + known - 1) {
    const Change& last = frame.changes[place.first_live + known - 1];
    if (!progress_.agrees({last.xid, last.lsn, last.ordinal})) {
      end({ErrorKind::other_history,
           "queue " + sink_.name() + ": message " + std::to_string(taken) + " of the stream is row " +
               to_string(last.lsn) + ", the record says row " + to_string(progress_.recorded().last->lsn)});
      return false;
    }
  }
  if (known == live) return true;
  const std::uint32_t begin = place.first_live + known;
  batch_.pieces.push_back({&frame, begin, count, place.first_number + known});
  for (std::uint32_t i = begin; i < count; ++i) {
    batch_.messages += frame.changes[i].length > 0;
    batch_.bytes += frame.changes[i].length;
  }
  newest_sent_us_ = std::max(newest_sent_us_, frame.sent_at_us);
  oldest_received_ = std::min(oldest_received_, frame.received_at);
  return true;
}

/// Records how far an idle stream has come, on the clock: what is confirmed is in the record first.
bool Writer::begin_record(TimePoint now) {
  const bool hurried = hurried_();
  if (now < record_due_ && !hurried) return false;
  const auto position = progress_.after(passed_);
  if (!position) {
    if (now >= record_due_) record_due_ = now + settings_.record_interval;
    return false;
  }
  aim(*position);
  step_began_ = now;
  state_ = State::working;
  batch_end_ = next_;
  batch_.messages = 0;
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
  if (batch_.messages > 0 || target_->number > progress_.recorded().number) record_.filter = filter_;
  text_.swap(target_text_);
  progress_.record(*target_);
  passed_ = *target_;
  next_ = batch_end_;
  window_.publish_taken(index_, next_);
  standing_.written(record_.position.restart, now);
  record_due_ = now + settings_.record_interval;
  target_.reset();
  refused_ = false;
  clear_trouble(now);

  metrics_.written_lsn.set(record_.position.restart.value);
  metrics_.written_number.set(record_.position.number);
  if (batch_.messages == 0) return;
  metrics_.batches.add();
  metrics_.messages.add(batch_.messages);
  metrics_.bytes.add(batch_.bytes);
  metrics_.push.observe_us(microseconds(now - step_began_));
  metrics_.waited_redis_us.add(microseconds(now - step_began_));
  metrics_.sequenced_to_written.observe_us(microseconds(now - oldest_received_));
  if (newest_sent_us_ > 0) {
    metrics_.sent_to_written.observe_us(
        static_cast<std::uint64_t>(std::max<std::int64_t>(0, postgres_now_us() - newest_sent_us_)),
        batch_.messages);
  }
  batch_.messages = 0;
  failpoint::hit(failpoint::Point::between_queues);
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
  metrics_.retries.add();
  metrics_.stuck.set(1);
  // A refused step leaves the connection as it is; after a failed one everything is opened and read anew.
  // Either way the step is gathered again, so that the record read next decides what is still to be done.
  sink_.close();
  state_ = State::closed;
  retry_at_ = now + backoff_.next();
  const std::lock_guard lock(trouble_mutex_);
  if (!trouble_ || trouble_->error.kind != error.kind) {
    log::warn("queue is stuck: " + error.message, {{"queue", sink_.name()},
                                                   {"error", std::string(policy_of(error.kind).name)},
                                                   {"lsn", to_string(record_.position.restart)},
                                                   {"remedy", std::string(error.what_to_do())}});
    trouble_ = QueueTrouble{std::move(error), trouble_ ? trouble_->since : now};
  }
}

void Writer::clear_trouble(TimePoint now) {
  if (metrics_.stuck.value() == 0) return;
  metrics_.stuck.set(0);
  backoff_.reset();
  const std::lock_guard lock(trouble_mutex_);
  if (!trouble_) return;
  log::info("queue moves again", {{"queue", sink_.name()},
                                  {"error", std::string(policy_of(trouble_->error.kind).name)},
                                  {"lasted_seconds", seconds(now - trouble_->since), true}});
  trouble_.reset();
}

void Writer::end(Error error) {
  state_ = State::ended;
  sink_.close();
  outcome_.fail(std::move(error));
}

std::optional<QueueTrouble> Writer::trouble() const {
  const std::lock_guard lock(trouble_mutex_);
  return trouble_;
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
      return {.fd = wait.fd, .events = wait.events, .until = wait.until, .deaf = true};
    }
    case State::ready:
      break;
  }
  const QueueSink::Wait wait = sink_.wait();
  const bool to_record = progress_.after(passed_).has_value();
  return {
      .fd = wait.fd,
      .events = wait.events,
      .until = std::min({gather_until_, standing_.next_due(), to_record ? record_due_ : TimePoint::max()}),
      .deaf = false};
}

}  // namespace realtime
