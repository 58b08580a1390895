#pragma once

#include <limits>
#include <vector>

#include "realtime/position.hpp"

namespace realtime {

/// How the messages before the base's last one are told from those after it.
enum class Discard {
  nothing,         ///< the base has no last message
  through_last,    ///< the stream holds the base's last message again, or (clean base) nothing of its
                   ///< transaction
  by_transaction,  ///< the filter changed, so that the last message itself may not come: go by its
                   ///< transaction's begin
};

/// Where the sequencer begins and ends.
struct SequencerPlan {
  Position base;
  Lsn start;  ///< where the stream was started
  Discard discard = Discard::through_last;
  Lsn known_end;  ///< the server's WAL end at start: at and past it the base's last message must have come
  /// Nothing above this number is passed on (a filter that changed holds until every queue is level).
  std::uint64_t last_number = std::numeric_limits<std::uint64_t>::max();
};

/// What a pipeline starts from: ownership decides it from the records and the slot, the pipeline follows it.
/// A value.
struct PipelinePlan {
  SequencerPlan sequencer;
  Filter filter;                ///< of this stream
  std::vector<Record> records;  ///< one a queue, as they stand in Redis, all with our epoch
};

}  // namespace realtime
