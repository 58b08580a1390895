#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "realtime/checkpoint_store.hpp"
#include "realtime/position.hpp"

#include "ownership/claim.hpp"
#include "ownership/ownership_rules.hpp"
#include "ownership/resume_decision.hpp"

namespace realtime {

/// The clock that epochs are taken from: milliseconds since 1970 by this machine.
using EpochClock = std::function<std::uint64_t()>;
EpochClock system_epoch_clock();

/// The one rule for the epoch that follows: above every epoch that the records tell, and not merely the next
/// number, because where Redis has forgotten the last take-over the next one must not look like it. Pure.
std::uint64_t next_epoch(const std::vector<QueueView>& queues, std::uint64_t clock_ms,
                         const OwnershipRules& rules = {});

/// The queues' records as they were read: what is decided from, and what is expected of each when it is
/// replaced. A value.
struct ReadCheckpoints {
  std::vector<std::optional<std::string>> texts;
  std::vector<QueueView> queues;  ///< without a record where there is none or it cannot be read
  std::vector<std::optional<Error>> unreadable;

  /// The error of the first record that cannot be read, with its queue's name.
  std::optional<Error> first_unreadable() const;
};

/// The position records of all queues, as a take-over needs them: read and fenced. Knows what each said
/// when it was last seen, so that a Redis that forgot is noticed. One thread.
class QueueCheckpoints {
 public:
  QueueCheckpoints(const Claim& claim, CheckpointStore& store, EpochClock clock,
                   const OwnershipRules& rules = {});

  Result<ReadCheckpoints> read();
  /// Replaces each by itself with a higher epoch, so that an owner before us can no longer write; sets the
  /// epoch in `records`. False: one moved since it was read, which was the old owner's last word. Cut off
  /// between two queues it leaves epochs that differ, and the next one is above all of them.
  Result<bool> fence(const ReadCheckpoints& seen, std::vector<Record>& records);
  /// Where a queue's record stood when its pipeline ended.
  void remember(std::size_t queue, Lsn restart, std::uint64_t number,
                std::optional<std::uint64_t> waited = {});

 private:
  Status find_lists(std::vector<QueueView>& queues);

  const Claim& claim_;
  CheckpointStore& store_;
  const EpochClock clock_;
  const OwnershipRules rules_;
  std::vector<std::optional<Position>> remembered_;   ///< as they were last seen or written
  std::vector<std::optional<std::uint64_t>> waited_;  ///< messages in each queue then
};

}  // namespace realtime
