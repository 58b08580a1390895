#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ownership/standby.hpp"
#include "ownership/takeover.hpp"
#include "simulation/fake_checkpoint_store.hpp"
#include "simulation/fake_slot_server.hpp"
#include "simulation/instance.hpp"

namespace realtime::sim {

/// One case: a log, a server, a Redis, an owner and what befalls them, all decided by the seed. The oracle is
/// in the fakes and speaks at every step: every queue holds every message once and in order, each record
/// agrees with its queue, and what is confirmed is within what is delivered, also after a fall back of Redis
/// that the replay window covers. At the end nothing is missing.
class World {
 public:
  World(std::uint64_t seed, const Faults& faults, const Sabotage& sabotage, const OwnershipRules& rules = {});

  /// What went wrong, or nothing.
  std::string run();

  struct Counts {  ///< to see that the cases reach what they are for
    int restarts = 0, forgotten = 0, fenced = 0, drained = 0, stopped_servers = 0;
    int lost_races = 0, killed = 0, standbys = 0;  ///< on the way to the slot
  };
  const Counts& counts() const { return counts_; }

 private:
  void start_owner();
  bool live(const Claim& claim);
  bool stand_by(const Claim& claim);
  Status wait_for_stream();
  void watch(Phase phase);
  void meanwhile();
  void let_pass(Duration duration);
  std::uint64_t epoch_clock() const;
  std::unique_ptr<Instance> build(Owned owned);
  void apply_sabotage(FakeSink& sink, std::size_t queue, Instance& instance) const;
  void step();
  void step_stages();
  void pass_time();
  void befall();
  void look_at_owners();
  void drain();
  bool is_whole() const;
  std::string tell(const std::string& what) const;

  const std::uint64_t seed_;
  model::Chance chance_;
  const Faults faults_;
  const Sabotage sabotage_;
  const OwnershipRules rules_;
  model::Wal wal_;
  Truth truth_;
  SimClock clock_;
  PipelineSettings settings_;
  FakeRedis redis_;
  FakePostgres postgres_;
  bool redis_fails_;
  const bool eager_;
  const std::chrono::milliseconds lease_;
  Life life_;  ///< of the process that owns the slot, or wants to
  FakeSlotServer slot_server_;
  FakeCheckpointStore store_;
  int readings_ = 0;  ///< of one attempt to take over
  int idle_steps_ = 0;
  std::unique_ptr<Instance> owner_, old_;
  Counts counts_;
};

}  // namespace realtime::sim
