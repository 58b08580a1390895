#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "realtime/checkpoint_store.hpp"
#include "realtime/output_plugin.hpp"
#include "realtime/pipeline_plan.hpp"
#include "realtime/slot_server.hpp"

#include "base/clock.hpp"
#include "ownership/claim.hpp"
#include "ownership/living_owner.hpp"
#include "ownership/look.hpp"
#include "ownership/ownership_rules.hpp"
#include "ownership/phase.hpp"
#include "ownership/proving.hpp"
#include "ownership/queue_checkpoints.hpp"
#include "ownership/resume_decision.hpp"

namespace realtime {

/// The slot is ours: all that a pipeline needs of it.
struct Owned {
  PipelinePlan plan;
  std::unique_ptr<Source> source;
  std::shared_ptr<const OutputPlugin> plugin;
  std::chrono::milliseconds owner_timeout{};  ///< after so much silence the server gives the slot away
  std::optional<std::uint64_t>
      reconnect_after;  ///< once every queue has recorded this number, take over anew
  std::vector<ResumeNotice> notices;
  // What a reader of the server's log must know.
  std::uint32_t timeline = 0;
  TimelineHistory timelines;
  std::uint64_t wal_segment_bytes = 0;
};

/// Becomes the owner of the slot, in these phases:
///   reading   slot, every queue's record, server (ownership/look.hpp);
///   deciding  from all of them where to go on (ownership/resume_decision.hpp), or to refuse;
///             making_slot  where neither slot nor record exists;
///             the server's log and transactions are asked (ownership/history_proof.hpp);
///   locking   START_REPLICATION there: PostgreSQL lets one in, which is the lock;
///   proving   the stream brings what the records demand of it; the slot has not moved meanwhile;
///   fencing   every record against an owner before us; where one moved meanwhile, begin again.
/// Whoever fails before fencing has written nothing. Cut off
/// while fencing, the records say what they said, with a higher epoch or without: the next one reads them.
///
/// One thread. Every wait ends when the stop signal comes (ErrorKind::stopped).
class Takeover {
 public:
  using MakePlugin = std::function<std::shared_ptr<const OutputPlugin>(const Filter&)>;
  /// Told of each phase as it begins; `detail` as words_of() takes it.
  using OnPhase = std::function<void(Phase, std::string_view detail)>;

  /// All of them outlive it.
  struct Surroundings {
    SlotServer& server;
    CheckpointStore& store;
    MakePlugin make_plugin;
    OnPhase on_phase;
    const Clock& steady;
    WaitForStream wait;
    EpochClock clock = system_epoch_clock();
  };
  Takeover(const Claim& claim, Surroundings surroundings, const OwnershipRules& rules = {});

  /// slot_active: another one owns the slot. fenced: others go on writing positions.
  Result<Owned> attempt();
  /// The queues' records, to be remembered when a pipeline has ended.
  QueueCheckpoints& checkpoints() { return checkpoints_; }

 private:
  void enter(Phase phase, std::string_view detail = {});
  Result<std::optional<Owned>> try_once();
  Status refuse(SlotSession& session, const Look& look);
  Result<std::unique_ptr<Source>> prove(std::unique_ptr<SlotSession> session, const Look& look,
                                        const HistoryProof& proof, const OutputPlugin& plugin,
                                        Resume& resume);
  Result<Resume> decide(SlotSession& session, const Look& look);
  Result<Resume> create(SlotSession& session, const History& here);
  Owned own(Resume resume, const Look& look) const;

  const Claim& claim_;
  const Surroundings around_;
  const OwnershipRules rules_;
  QueueCheckpoints checkpoints_;
  LivingOwner living_;
  Phase phase_ = Phase::starting;
};

}  // namespace realtime
