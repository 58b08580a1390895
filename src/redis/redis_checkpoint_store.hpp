#pragma once

#include <memory>
#include <string>
#include <vector>

#include "realtime/checkpoint_store.hpp"

#include "redis/records.hpp"

namespace realtime::redis {

/// The records of one service's queues in one Redis. Connects when first asked, and anew after an error; a
/// store that is lent keeps its connection. One thread at a time.
class RedisCheckpointStore final : public CheckpointStore {
 public:
  struct Queue {
    std::string name;
    bool is_stream = false;
  };
  RedisCheckpointStore(Endpoint endpoint, std::function<bool()> give_up, std::vector<Queue> queues);
  RedisCheckpointStore(RecordStore& records, std::vector<Queue> queues);

  std::size_t size() const override { return queues_.size(); }
  Result<std::vector<std::optional<std::string>>> read_all() override;
  Result<std::vector<std::optional<std::string>>> read_lists() override;
  Result<std::vector<QueueContents>> look_at_queues() override;
  Result<Swapped> compare_and_set(const CheckpointChange& change) override;
  void rest() override;

 private:
  std::unique_ptr<RecordStore> owned_;
  RecordStore& records_;
  const std::vector<Queue> queues_;
  std::vector<std::string> names_;
};

}  // namespace realtime::redis
