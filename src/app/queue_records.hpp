#pragma once

#include <optional>
#include <string>
#include <vector>

#include "realtime/position.hpp"

#include "base/stop_signal.hpp"
#include "pipeline/resume_decision.hpp"
#include "redis/records.hpp"
#include "wiring/wiring.hpp"

namespace realtime {

/// The position records of all queues, as a take-over needs them: read, fenced, marked. Knows what each said
/// when it was last seen, so that a Redis that forgot is noticed. One thread; every wait ends when the stop
/// signal comes.
class QueueRecords {
 public:
  QueueRecords(const Config& config, const Wiring& wiring, const StopSignal& stop);

  /// Reads them anew; what follows works on these texts.
  Result<std::vector<QueueView>> read();
  /// Replaces each by itself with a higher epoch, so that an owner before us can no longer write; sets the
  /// epoch in `records`. False: one moved since it was read, which was the old owner's last word.
  Result<bool> fence(std::vector<Record>& records);
  /// Marks each with why the service stops at it, so that each start says the same, whatever the server's log
  /// has become, until accept-loss. Where Redis does not answer they stay unmarked.
  void refuse(const std::string& why);
  /// Where a queue's record stood when its pipeline ended.
  void remember(std::size_t queue, Lsn restart, std::uint64_t number);

 private:
  redis::RecordStore connect() const;
  std::uint64_t next_epoch() const;

  const Config& config_;
  const Wiring& wiring_;
  const StopSignal& stop_;
  std::vector<std::string> names_;
  std::vector<std::optional<std::string>> texts_;    ///< as they were read
  std::vector<std::optional<Position>> remembered_;  ///< as they were last seen or written
};

}  // namespace realtime
