// How a process becomes the owner: the service's own take-over and standby, against the fakes.
#include <algorithm>

#include "realtime/checkpoint_text.hpp"
#include "realtime/error.hpp"

#include "ownership/kept_stream.hpp"
#include "simulation/world.hpp"

namespace realtime::sim {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kLongest = seconds(120);  // a frozen owner's lease, and others that take the slot

}  // namespace

/// A new process: whatever the last one had in memory is gone. Until it owns the slot, or is killed on the
/// way and begins anew.
void World::start_owner() {
  owner_.reset();
  const Claim claim = sim_claim(redis_.queues().size(), lease_);
  const TimePoint limit = clock_.now() + kLongest;
  while (!truth_.is_red()) {
    if (clock_.now() > limit) return truth_.red("no owner could start");
    ++counts_.restarts;
    life_.calls_left = faults_.kills && chance_.happens(0.1) ? chance_.between(0, 25) : -1;
    if (live(claim)) return;
  }
}

/// One process, until it owns the slot (true) or is killed.
bool World::live(const Claim& claim) {
  Takeover takeover(claim,
                    {.server = slot_server_,
                     .store = store_,
                     .make_plugin = [](const Filter&) { return std::make_shared<TextPlugin>(); },
                     .on_phase = [this](Phase phase, std::string_view) { watch(phase); },
                     .steady = clock_,
                     .wait = [this](const Source&) { return wait_for_stream(); },
                     .clock = [this] { return epoch_clock(); }},
                    rules_);
  const TimePoint limit = clock_.now() + kLongest;
  while (!truth_.is_red() && clock_.now() < limit) {
    clock_.advance(milliseconds(1));  // a take-over takes longer
    ++life_.owner;
    readings_ = 0;
    Result<Owned> owned = takeover.attempt();
    counts_.lost_races += std::max(0, readings_ - 1);
    if (owned) {
      for (const ResumeNotice& notice : owned->notices) {
        if (notice.loss) truth_.red("a loss: " + notice.message);
      }
      owner_ = build(std::move(*owned));
      return true;
    }
    const Error& error = owned.error();
    if (error.kind == ErrorKind::stopped) return ++counts_.killed, false;
    if (error.kind == ErrorKind::slot_active) {
      if (!stand_by(claim)) return ++counts_.killed, false;
    } else if (policy_of(error.kind).action != Action::retry) {
      return truth_.red("refused: " + error.message), false;
    }
  }
  return false;
}

/// A take-over waits for what its stream brings.
Status World::wait_for_stream() {
  if (auto dead = life_.call()) return *dead;
  clock_.advance(milliseconds(chance_.between(1, 100)));
  return ok();
}

/// False: killed while it waited.
bool World::stand_by(const Claim& claim) {
  ++counts_.standbys;
  const TimePoint limit = clock_.now() + kLongest;
  Standby standby(claim, {.server = slot_server_,
                          .clock = clock_,
                          .on_phase =
                              [this](Phase phase, const std::optional<Error>&) {
                                if (phase != Phase::standby) truth_.red("a standby differs from its owner");
                              },
                          .pause =
                              [this, limit](Duration duration) {
                                let_pass(duration);
                                return truth_.is_red() || clock_.now() > limit;
                              }});
  const Result<Standby::End> end = standby.run();
  return end || end.error().kind != ErrorKind::stopped;
}

void World::watch(Phase phase) {
  readings_ += phase == Phase::reading;
}

/// Time and others go on between two calls of a process that wants to own the slot.
void World::meanwhile() {
  for (int steps = chance_.between(0, 6); old_ && steps > 0; --steps) {
    old_->step();
    clock_.advance(microseconds(100));
  }
  clock_.advance(microseconds(chance_.between(0, 300)));
  redis_.run_due();
  if (postgres_.troubles && chance_.happens(0.003)) postgres_.restart();
  if (redis_fails_ && faults_.redis_forgets && chance_.happens(0.003)) {
    redis_.forget(chance_);
    ++counts_.forgotten;
  }
}

/// A standby waits: whoever is there goes on.
void World::let_pass(Duration duration) {
  const TimePoint until = clock_.now() + duration;
  while (clock_.now() < until && !truth_.is_red()) {
    for (int steps = chance_.between(0, 12); old_ && steps > 0; --steps) old_->step();
    clock_.advance(milliseconds(chance_.between(1, 60)));
    redis_.run_due();
  }
}

std::uint64_t World::epoch_clock() const {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<milliseconds>(clock_.now().time_since_epoch()).count());
}

std::unique_ptr<Instance> World::build(Owned owned) {
  PipelinePlan& plan = owned.plan;
  if (sabotage_.base_is_most) {
    const auto most =
        std::max_element(plan.records.begin(), plan.records.end(),
                         [](const auto& a, const auto& b) { return a.position.number < b.position.number; });
    plan.sequencer.base = most->position;
    plan.sequencer.start = most->position.restart;
    owned.source = std::make_unique<FakeSource>(postgres_, plan.sequencer.start, owned.owner_timeout);
  }
  if (sabotage_.discards_nothing) plan.sequencer.discard = Discard::nothing;
  PipelineParts parts;
  auto* const kept = dynamic_cast<KeptStream*>(owned.source.get());
  FakeSource& stream = static_cast<FakeSource&>(kept != nullptr ? kept->stream() : *owned.source);
  parts.witness = std::make_shared<SimWitness>(chance_);
  parts.source = std::move(owned.source);
  parts.plugin = std::move(owned.plugin);
  std::vector<FakeSink*> sinks;
  for (std::size_t q = 0; q < plan.records.size(); ++q) {
    const FakeSink::Wire wire{q, life_.owner, redis_, truth_, chance_, faults_.steps_given_up};
    auto sink = std::make_unique<FakeSink>(wire, clock_, redis_fails_, sabotage_);
    sinks.push_back(sink.get());
    parts.sinks.push_back(std::move(sink));
  }
  PipelineSettings settings = settings_;
  if (sabotage_.no_bound) settings.max_in_flight_bytes = 64 << 20;
  auto instance = std::make_unique<Instance>(settings, plan, std::move(parts), stream, sinks, clock_, chance_,
                                             truth_, eager_);
  instance->allow_bytes(settings_.max_in_flight_bytes);
  for (std::size_t q = 0; q < sinks.size(); ++q) apply_sabotage(*sinks[q], q, *instance);
  return instance;
}

void World::apply_sabotage(FakeSink& sink, std::size_t queue, Instance& instance) const {
  Stages& stages = instance.stages();
  if (sabotage_.confirms_unread) {
    sink.on_record = [&stages, queue](std::string_view record) {
      stages.confirmables[queue].raise(parse_record(record)->position.restart);
    };
  }
  if (sabotage_.misorders) {
    sink.on_push = [&stages](const Batch& batch) {
      const Piece& piece = batch.pieces.front();
      for (std::uint64_t place = stages.window.released(); place < stages.window.claimed(); ++place) {
        Frame* frame = stages.window.at(place).frame.get();
        if (frame == piece.frame && piece.end - piece.begin > 1)
          std::swap(frame->changes[piece.begin], frame->changes[piece.begin + 1]);
      }
    };
  }
  if (sabotage_.frees_early) {
    sink.on_push = [&stages, queue](const Batch& batch) {
      for (std::uint64_t place = stages.window.released(); place < stages.window.claimed(); ++place) {
        if (stages.window.at(place).frame.get() == batch.pieces.back().frame)
          stages.window.publish_taken(queue, place + 1);
      }
    };
  }
}

}  // namespace realtime::sim
