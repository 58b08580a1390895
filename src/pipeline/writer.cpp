#include "pipeline/writer.hpp"

// The states. What begins a step is in writer_steps.cpp, what its outcome means in writer_outcomes.cpp,
// what is done about a failure in writer_failures.cpp.

#include <algorithm>
#include <utility>

namespace realtime {

Writer::Writer(std::size_t index, const Record& record, const Filter& filter, QueueSink& sink,
               InFlightWindow& window, const Clock& clock, Outcome& outcome, Confirmable& confirmable,
               LogWitness* witness, std::function<bool()> hurried, const WriterSettings& settings,
               PipelineMetrics::Queue& metrics, QueueTroubles& troubles)
    : index_(index),
      sink_(sink),
      clock_(clock),
      outcome_(outcome),
      confirmable_(confirmable),
      witness_(witness),
      hurried_(std::move(hurried)),
      settings_(settings),
      metrics_(metrics),
      troubles_(troubles),
      record_(record, filter, sink.name()),
      gatherer_(index, window, record.position, settings.gather),
      standing_(settings.replay_window),
      record_due_(clock.now() + settings.record_interval),
      beat_due_(later(clock.now(), settings.beat_interval)),
      limit_(settings.gather.batch_bytes),
      reopen_backoff_(record.epoch * 64 + index) {
  confirmable_.set_recorded(record.position.restart);
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
  const bool to_record = record_.progress().after(gatherer_.passed()).has_value();
  return {.fd = wait.fd,
          .events = wait.events,
          .until = std::min({gatherer_.wait_until(), standing_.next_due(), beat_due_, ask_again_,
                             to_record && !candidate_ ? record_due_ : TimePoint::max()}),
          .deaf = false};
}

}  // namespace realtime
