#include "simulation/world.hpp"

#include <algorithm>

namespace realtime::sim {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kReplayWindow = seconds(5);

PipelineSettings some_settings(model::Chance& chance, const Sabotage& sabotage) {
  PipelineSettings settings;
  settings.max_in_flight_bytes = chance.pick<std::size_t>({1, 256 * 1024, 2 * 1024 * 1024});
  settings.decoder_threads = static_cast<std::size_t>(chance.between(1, 3));
  settings.acknowledger.replay_window = kReplayWindow;
  settings.writer.gather.batch_bytes = chance.pick<std::size_t>({100, 2'000, 128 * 1024});
  settings.writer.record_interval = milliseconds(chance.pick({100, 2'500}));
  settings.writer.replay_window = sabotage.no_replay_window ? Duration::zero() : kReplayWindow;
  return settings;
}

}  // namespace

World::World(std::uint64_t seed, const Faults& faults, const Sabotage& sabotage, const OwnershipRules& rules)
    : seed_(seed),
      chance_(seed),
      faults_(faults),
      sabotage_(sabotage),
      rules_(rules),
      wal_(chance_, 1, chance_.pick({40, 200, 500})),
      truth_(wal_, chance_),
      settings_(some_settings(chance_, sabotage)),
      redis_(truth_, clock_, sabotage_, kReplayWindow),
      postgres_{wal_, truth_, clock_, redis_, chance_, sabotage_},
      redis_fails_(faults.redis_fails),
      eager_(chance_.happens(0.4)),
      lease_(chance_.pick({milliseconds(1'000), milliseconds(3'000), milliseconds(10'000)})),
      slot_server_(postgres_, life_),
      store_(redis_, truth_, chance_, life_, redis_fails_) {
  life_.meanwhile = [this] { meanwhile(); };
  postgres_.troubles = faults.postgres_cuts;
  for (int queues = chance_.between(1, 3); queues > 0; --queues) redis_.add_queue();
}

std::string World::run() {
  start_owner();
  for (int steps = chance_.between(500, 12'000); steps > 0 && !truth_.is_red(); --steps) {
    befall();
    step();
  }
  // From here on nothing fails any more: all must come to its end.
  redis_fails_ = postgres_.troubles = false;
  const TimePoint limit = clock_.now() + seconds(180);
  while (!truth_.is_red() && !is_whole()) {
    step();
    if (clock_.now() > limit) return tell("not whole after three quiet minutes");
  }
  if (!truth_.is_red()) drain();
  return truth_.is_red() ? tell(truth_.bad()) : "";
}

std::string World::tell(const std::string& what) const {
  std::string queues;
  for (const HeldQueue& queue : redis_.queues())
    queues += " " + std::to_string(queue.first) + "+" + std::to_string(queue.size);
  return "REALTIME_SEED=" + std::to_string(seed_) + ": " + what + " (" + std::to_string(truth_.count()) +
         " messages; queues" + queues + "; confirmed " + to_string(postgres_.confirmed) + " of " +
         to_string(truth_.wal_end()) + ")";
}

bool World::is_whole() const {
  for (const HeldQueue& queue : redis_.queues()) {
    if (!queue.record || queue.first + queue.size < truth_.count()) return false;
  }
  return postgres_.confirmed >= truth_.wal_end();
}

void World::step() {
  if (truth_.is_red()) return;
  step_stages();
  look_at_owners();
}

void World::step_stages() {
  const bool old_steps = old_ && chance_.happens(0.3);
  Instance& instance = old_steps ? *old_ : *owner_;
  idle_steps_ = instance.step() ? 0 : idle_steps_ + 1;
  if (chance_.happens(0.3)) clock_.advance(microseconds(chance_.between(0, 60)));
  if (idle_steps_ > (eager_ ? 24 : 4)) pass_time();
  redis_.run_due();
}

/// Nobody has anything to do: on to the next thing that happens by itself.
void World::pass_time() {
  TimePoint next = std::min(owner_->next_time(), redis_.next_time());
  if (old_) next = std::min(next, old_->next_time());
  if (next > clock_.now() + milliseconds(1)) {
    owner_->check_sleepers();
    if (old_) old_->check_sleepers();
  }
  next = std::min(next, clock_.now() + seconds(1));
  clock_.advance_to(std::max(next, clock_.now() + microseconds(1)));
}

void World::befall() {
  if (faults_.kills && chance_.happens(0.001)) {
    start_owner();
  } else if (faults_.kills && chance_.happens(0.0005)) {
    drain();
    start_owner();
  } else if (faults_.two_owners && chance_.happens(0.001)) {
    old_ = std::move(owner_);
    if (chance_.happens(0.7)) {
      old_->source().freeze();
    } else {
      postgres_.active = 0;  // its walsender has ended, and it does not know yet
    }
    start_owner();
  } else if (faults_.redis_forgets && chance_.happens(0.002)) {
    redis_.forget(chance_);
    ++counts_.forgotten;
  } else if (faults_.postgres_cuts && chance_.happens(0.0008)) {
    postgres_.restart();
  } else if (faults_.postgres_cuts && chance_.happens(0.0008)) {
    owner_->source().stop_server();
  } else if (faults_.kills && chance_.happens(0.0004)) {
    owner_->release_slot();
  } else if (faults_.queues_added && redis_.queues().size() < 5 && chance_.happens(0.0004)) {
    redis_.add_queue();
    start_owner();
  }
}

void World::look_at_owners() {
  if (truth_.is_red()) return;
  if (old_) {
    if (const auto error = old_->error()) {
      counts_.fenced += error->kind == ErrorKind::fenced;
      if (chance_.happens(0.001)) old_.reset();  // until then it goes on stepping what is left of it
    }
  }
  const auto asked = owner_->source().asked_since();
  const bool held_up =
      asked && !owner_->source().is_closed() && clock_.now() - *asked > kReplayWindow + seconds(1);
  if (held_up) truth_.red("a stopping server was held up");
  const auto error = owner_->error();
  if (!error) return;
  switch (error->kind) {
    case ErrorKind::postgres_starting:
      ++counts_.stopped_servers;
      break;
    case ErrorKind::redis_forgot:
      if (redis_.forgets() == store_.forgets_at_reading())
        return truth_.red("nothing was forgotten: " + error->message);
      break;
    case ErrorKind::postgres_unreachable:
    case ErrorKind::reconnect_wanted:
      break;
    default:
      return truth_.red("the owner ended: " + error->message);
  }
  clock_.advance(milliseconds(chance_.between(0, 200)));
  start_owner();
}

/// Stops reading; everything that was read must come to be taken.
void World::drain() {
  owner_->stop_reading();
  const TimePoint limit = clock_.now() + seconds(redis_fails_ ? 2 : 20);  // a reply may be held still
  while (!truth_.is_red() && !owner_->stages().reader.is_drained() && !owner_->error() &&
         clock_.now() < limit) {
    step_stages();
  }
  const bool drained = owner_->stages().reader.is_drained();
  counts_.drained += drained;
  if (drained && !owner_->stages().window.all_taken()) truth_.red("drained, though not everything was taken");
  if (!drained && !redis_fails_ && !owner_->error()) truth_.red("not drained, though nothing fails");
}

}  // namespace realtime::sim
