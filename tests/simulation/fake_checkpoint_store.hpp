#pragma once

#include "realtime/checkpoint_store.hpp"

#include "simulation/fake_redis.hpp"
#include "simulation/fake_slot_server.hpp"

namespace realtime::sim {

/// FakeRedis as ownership knows it. A call may be refused, or be done and its answer lost; between two calls
/// records move, and Redis forgets. Holds every change against the lock.
class FakeCheckpointStore final : public CheckpointStore {
 public:
  FakeCheckpointStore(FakeRedis& redis, const Truth& truth, model::Chance& chance, Life& life,
                      const bool& fails)
      : redis_(redis), truth_(truth), chance_(chance), life_(life), fails_(fails) {}

  std::size_t size() const override { return redis_.queues().size(); }
  Result<std::vector<std::optional<std::string>>> read_all() override;
  Result<std::vector<std::optional<std::string>>> read_lists() override;
  Result<std::vector<QueueContents>> look_at_queues() override;
  Result<Swapped> compare_and_set(const CheckpointChange& change) override;
  void rest() override {}

  /// How often Redis had forgotten when the records were last read.
  int forgets_at_reading() const { return forgets_at_reading_; }

 private:
  FakeRedis& redis_;
  const Truth& truth_;
  model::Chance& chance_;
  Life& life_;
  const bool& fails_;
  int forgets_at_reading_ = 0;
};

}  // namespace realtime::sim
