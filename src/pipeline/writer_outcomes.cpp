#include <algorithm>
#include <utility>

#include "base/failpoint.hpp"
#include "pipeline/writer.hpp"

// What a writer makes of a step's outcome: the record decides, whatever went wrong on the way.

namespace realtime {
namespace {

std::uint64_t microseconds(Duration duration) {
  const auto count = std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
  return count < 0 ? 0 : static_cast<std::uint64_t>(count);
}

}  // namespace

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
  const std::uint64_t before = record_.position().number;
  const Result<QueueRecord::Shows> shows = record_.read(seen.record);
  if (!shows) return end(shows.error());
  switch (*shows) {
    case QueueRecord::Shows::aim:
      settle(now);
      break;
    case QueueRecord::Shows::given_up_step:
      // Its batch is gone, only its count is known. What was gathered since is gathered anew, without it.
      metrics_.messages.add(record_.position().number - before);
      follow(now);
      break;
    case QueueRecord::Shows::no_change:
      if (record_.is_aimed() && state_ == State::working) {
        unsaved_ = unsaved_ || (seen.error && seen.error->kind == ErrorKind::redis_cannot_persist);
        return retry(
            seen.error ? std::move(*seen.error)
                       : Error{ErrorKind::redis_unknown, "the step was not done, though nothing was refused"},
            now);
      }
      break;
  }
  if (state_ == State::opening) {
    standing_.written(record_.position().restart, now);
    opened_at_ = now;
  }
  if (seen.unsaved) return retry(std::move(*seen.error), now);
  troubles_.worked(QueueTroubles::What::connection, now);
  // A refused step leaves the record standing in a memory that is not saved: one that is done shows the disk.
  const auto lsn = unsaved_ ? std::nullopt : standing_.seen_standing(step_began_);
  if (lsn) {
    metrics_.confirmed_lsn.set(lsn->value);
    confirmable_.raise(*lsn);
  }
  record_.drop_aim();  // where it was not done before the connection broke, it is gathered again
  last_step_end_ = now;
  state_ = State::ready;
}

/// The running step is done: the record says so.
void Writer::settle(TimePoint now) {
  follow(now);
  if (step_ != Step::push) return;
  gatherer_.settle();
  count_batch(now);
  failpoint::hit(failpoint::Point::between_queues);
}

/// A step is done: the record has moved.
void Writer::follow(TimePoint now) {
  standing_.written(record_.position().restart, now);
  if (step_ != Step::record || !only_beats_) record_due_ = now + settings_.record_interval;
  beat_due_ = later(now, settings_.beat_interval);
  confirmable_.set_recorded(record_.position().restart);
  unsaved_ = false;
  troubles_.worked(QueueTroubles::What::step, now);
  limit_.done(now);
  gatherer_.limit(limit_.bytes());
  metrics_.written_lsn.set(record_.position().restart.value);
  metrics_.written_number.set(record_.position().number);
}

void Writer::count_batch(TimePoint now) {
  const Batch& batch = gatherer_.batch();
  metrics_.batches.add();
  metrics_.messages.add(batch.messages);
  metrics_.bytes.add(batch.bytes);
  metrics_.push.observe_us(microseconds(now - step_began_));
  metrics_.waited_redis_us.add(microseconds(now - step_began_));
  metrics_.received_to_written.observe_us(microseconds(now - gatherer_.oldest_received()));
  if (gatherer_.newest_sent_us() > 0) {
    const std::int64_t age = server_clock_us() - gatherer_.newest_sent_us();
    metrics_.sent_to_written.observe_us(static_cast<std::uint64_t>(std::max<std::int64_t>(0, age)),
                                        batch.messages);
  }
}

void Writer::end(Error error) {
  state_ = State::ended;
  sink_.close();
  outcome_.fail(std::move(error));
}

}  // namespace realtime
