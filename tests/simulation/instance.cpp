#include "simulation/instance.hpp"

#include <algorithm>

namespace realtime::sim {

Instance::Instance(const PipelineSettings& settings, const PipelinePlan& plan, PipelineParts parts,
                   FakeSource& source, std::vector<FakeSink*> sinks, const SimClock& clock,
                   model::Chance& chance, const Truth& truth, bool eager)
    : clock_(clock),
      chance_(chance),
      truth_(truth),
      eager_(eager),
      max_bytes_(settings.max_in_flight_bytes),
      source_(source),
      sinks_(std::move(sinks)) {
  for (std::size_t q = 0; q < sinks_.size(); ++q) metrics_.queues.emplace_back();
  stages_ = std::make_unique<Stages>(settings, plan, std::move(parts), static_cast<Downstream&>(*this), clock,
                                     outcome_, metrics_);
  const auto agent = [](Stage& stage) {
    return Agent{&stage, [] { return false; }, [] { return TimePoint::max(); }, {}, Agent::State::awake, {}};
  };
  reader_ = agent(stages_->reader);
  reader_.is_ready = [this] { return source_.is_ready(); };
  reader_.next_time = [this] { return source_.next_time(); };
  sequencer_ = agent(stages_->sequencer);
  decoders_.reserve(stages_->decoders.size());
  for (auto& decoder : stages_->decoders) {
    decoders_.push_back(agent(*decoder));
    decoders_.back().next = {&sequencer_};
  }
  writers_.reserve(stages_->writers.size());
  for (std::size_t q = 0; q < stages_->writers.size(); ++q) {
    writers_.push_back(agent(*stages_->writers[q]));
    writers_.back().next = {&reader_};
    writers_.back().is_ready = [this, q] { return sinks_[q]->is_ready(clock_.now()); };
    writers_.back().next_time = [this, q] { return sinks_[q]->next_time(); };
    sequencer_.next.push_back(&writers_.back());
  }
  all_ = {&reader_, &sequencer_};
  for (Agent& one : decoders_) all_.push_back(&one);
  for (Agent& one : writers_) all_.push_back(&one);
}

bool Instance::may_run(const Agent& agent) const {
  if (agent.state != Agent::State::asleep) return true;
  return clock_.now() >= agent.idle.until || (agent.idle.fd >= 0 && agent.is_ready());
}

bool Instance::step() {
  std::vector<Agent*> able;
  for (Agent* agent : all_) {
    if (eager_ || may_run(*agent)) able.push_back(agent);
  }
  if (able.empty()) return false;
  const bool did = run(*chance_.one_of(able));
  check_bounds();
  return did || !eager_;
}

bool Instance::run(Agent& agent) {
  if (agent.state == Agent::State::dozing) {
    const bool work = !agent.idle.deaf && agent.stage->has_work();
    agent.state = work ? Agent::State::awake : Agent::State::asleep;
    if (!eager_) return true;
  }
  if (agent.stage->do_work() > 0) {
    agent.state = Agent::State::awake;
    for (Agent* next : agent.next) wake(*next);
    return true;
  }
  agent.idle = agent.stage->idle();
  agent.state = Agent::State::dozing;
  return false;
}

void Instance::wake(Agent& agent) {
  if (agent.state == Agent::State::asleep && !agent.idle.deaf) agent.state = Agent::State::awake;
}

/// As StageRunner::carry, on the stage of a thread that may be at it itself.
void Instance::carry(Agent& agent) {
  if (agent.idle.deaf) return;
  if (&agent == &reader_ || chance_.happens(0.2)) {  // its turn is taken: who has it looks again
    agent.state = Agent::State::awake;
    return;
  }
  while (agent.stage->do_work() > 0) {
    for (Agent* next : agent.next) carry(*next);
  }
  const TimePoint parked = agent.idle.until;
  const int fd = agent.idle.fd;
  agent.idle = agent.stage->idle();
  if (agent.idle.fd != fd || agent.idle.until < parked) agent.state = Agent::State::awake;
}

void Instance::share(std::uint64_t sequence) {
  if (eager_ && chance_.happens(0.3)) return carry(sequence);
  stages_->work_queue.offer(sequence);
  wake(chance_.one_of(decoders_));
}

void Instance::carry(std::uint64_t sequence) {
  if (eager_ && chance_.happens(0.3)) return share(sequence);
  if (decode_place(*stages_->carrier, stages_->window, sequence, clock_, outcome_, metrics_.decoders))
    carry(sequencer_);
}

void Instance::hurry() {
  for (Agent& writer : writers_) writer.state = Agent::State::awake;
}

void Instance::stop_reading() {
  stages_->reader.stop_reading();
  reader_.state = Agent::State::awake;
}

void Instance::release_slot() {
  stages_->reader.release_slot("the simulation wants it");
  reader_.state = Agent::State::awake;
}

TimePoint Instance::next_time() const {
  TimePoint next = TimePoint::max();
  for (const Agent* agent : all_) {
    const Stage::Idle idle = eager_ ? agent->stage->idle() : agent->idle;
    next = std::min(next, idle.until);
    if (idle.fd >= 0) next = std::min(next, agent->next_time());
  }
  return next;
}

void Instance::check_sleepers() const {
  if (eager_ || std::any_of(all_.begin(), all_.end(), [this](const Agent* one) { return may_run(*one); }))
    return;
  for (const Agent* agent : all_) {
    if (agent->state != Agent::State::asleep || agent->idle.deaf) continue;
    if (agent->stage->has_work()) truth_.red(agent->stage->name() + " sleeps although there is work for it");
  }
  if (reader_.state == Agent::State::asleep && !reader_.idle.deaf && stages_->window.can_release()) {
    truth_.red("the reader sleeps although every queue has taken places");
  }
}

void Instance::check_bounds() const {
  const InFlightWindow& window = stages_->window;
  constexpr std::size_t kLargestFrame = 4 * Frame::kCapacity;
  if (window.bytes() > max_bytes_ + kLargestFrame) truth_.red("more bytes are in flight than allowed");
  if (window.claimed() - window.released() > window.capacity())
    truth_.red("more places are in flight than there are");
}

}  // namespace realtime::sim
