#include "pipeline/pipeline.hpp"

#include <algorithm>
#include <thread>

namespace realtime {
namespace {

/// A socket that bears no longer pause may be full before a thread that waits for a processor has one.
constexpr Duration kShortPause = std::chrono::milliseconds(1);

}  // namespace

Pipeline::Pipeline(const PipelineSettings& settings, const PipelinePlan& plan, PipelineParts parts,
                   const Clock& clock, PipelineMetrics& metrics, std::function<void()> on_event)
    : outcome_(std::move(on_event)),
      stages_(settings, plan, std::move(parts), *this, clock, outcome_, metrics),
      reader_(stages_.reader),
      sequencer_(stages_.sequencer),
      clock_(clock),
      metrics_(metrics) {
  for (auto& decoder : stages_.decoders) {
    decoders_.push_back(std::make_unique<StageRunner>(*decoder));
    decoders_.back()->followed_by({&sequencer_});
  }
  std::vector<StageRunner*> writers;
  for (auto& writer : stages_.writers) {
    writers_.push_back(std::make_unique<StageRunner>(*writer));
    writers_.back()->followed_by({&reader_});  // room in the window
    writers.push_back(writers_.back().get());
  }
  sequencer_.followed_by(std::move(writers));
  if (stages_.parts.source->longest_pause() < kShortPause) relief_.emplace(reader_);
}

Pipeline::~Pipeline() {
  abort();
}

void Pipeline::start() {
  for (auto& writer : writers_) writer->start();
  sequencer_.start();
  for (auto& decoder : decoders_) decoder->start();
  reader_.start();
  if (relief_) relief_->start();
}

void Pipeline::share(std::uint64_t sequence) {
  if (!stages_.work_queue.offer(sequence))
    return outcome_.fail({ErrorKind::reconnect_wanted, "out of memory"});
  decoders_[next_decoder_]->wake();
  next_decoder_ = (next_decoder_ + 1) % decoders_.size();
}

void Pipeline::carry(std::uint64_t sequence) {
  if (decode_place(*stages_.carrier, stages_.window, sequence, clock_, outcome_, metrics_.decoders))
    sequencer_.carry();
}

void Pipeline::hurry() {
  for (auto& writer : writers_) writer->interrupt();
}

void Pipeline::set_behind(bool behind) {
  reader_.set_courteous(behind);
  sequencer_.set_courteous(behind);
  for (auto& decoder : decoders_) decoder->set_courteous(behind);
  for (auto& writer : writers_) writer->set_courteous(behind);
  if (relief_) relief_->set_wanted(behind);
}

bool Pipeline::drain(TimePoint deadline) {
  stages_.reader.stop_reading();
  reader_.interrupt();
  while (!stages_.reader.is_drained() && !outcome_.error() && clock_.now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));  // at the end of the service's life only
  }
  stop_all();
  return stages_.reader.is_drained();
}

void Pipeline::release_slot(const char* why) {
  stages_.reader.release_slot(why);
  reader_.interrupt();
}

void Pipeline::abort() {
  stop_all();
}

void Pipeline::stop_all() {
  reader_.stop();
  if (relief_) relief_->stop();
  for (auto& decoder : decoders_) decoder->stop();
  sequencer_.stop();
  for (auto& writer : writers_) writer->stop();
  reader_.join();
  stages_.parts.source->close();
  for (auto& decoder : decoders_) decoder->join();
  sequencer_.join();
  for (auto& writer : writers_) writer->join();
}

std::uint64_t Pipeline::recorded_by_all() const {
  std::uint64_t least = ~std::uint64_t{0};
  for (const auto& writer : stages_.writers) least = std::min(least, writer->recorded_number());
  return least;
}

/// A stage that sleeps though it has work shows in its queue, or in that nothing moves at all.
std::vector<Pulse> Pipeline::pulses() const {
  std::vector<Pulse> pulses{reader_.pulse(), sequencer_.pulse()};
  std::uint64_t steps = reader_.steps() + sequencer_.steps();
  for (const auto& decoder : decoders_) {
    pulses.push_back(decoder->pulse());
    steps += decoder->steps();
  }
  bool has_trouble = false;
  for (std::size_t q = 0; q < writers_.size(); ++q) {
    const bool waits = trouble(q).has_value();  // for a server, and says so
    const std::uint64_t taken = stages_.window.taken(q);
    Pulse pulse = writers_[q]->pulse();
    pulse.is_due = pulse.is_due || (!waits && taken < stages_.window.sequenced());
    pulses.push_back(std::move(pulse));
    steps += writers_[q]->steps();
    has_trouble = has_trouble || waits;
  }
  const bool has_work = metrics_.reader.in_flight_places.value() > 0 && !has_trouble;
  pulses.push_back({"the pipeline", steps, has_work});
  return pulses;
}

}  // namespace realtime
