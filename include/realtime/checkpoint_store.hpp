#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "realtime/result.hpp"

namespace realtime {

/// What a queue's own key holds, apart from its record.
struct QueueContents {
  std::uint64_t last_id = 0;  ///< of a stream: the highest message number it has ever held
};

/// What one compare-and-set is to do.
struct CheckpointChange {
  std::size_t queue = 0;                ///< in the order of the store's queues
  std::optional<std::string> expected;  ///< the record's text as it was read; none: there was no record
  std::string next;                     ///< what it becomes
  std::string lists = {};               ///< what then stands beside it (format_lists); empty: as it was
};

/// What a compare-and-set found.
struct Swapped {
  bool swapped = false;
  std::optional<std::string> current;  ///< not swapped: the record's text; none: there is no record
};

/// Where the queues' records (`{queue}:position`) are kept: what a take-over, a check and accept-loss read
/// and change. A running pipeline has its own way there, the QueueSinks.
///
/// The store is made for the queues of one service and knows them by their place. It may be several servers:
/// read_all gives every record or the error of the first that is away, named; a compare-and-set concerns one
/// queue, so that to change all of them is never one step. Fencing is built from compare-and-sets by
/// ownership, which therefore must bear being cut off between two of them.
///
/// One thread at a time. Every call waits for an answer, within the store's own bound; the stop signal ends
/// it (ErrorKind::stopped). An error of a change says nothing of whether it was done.
class CheckpointStore {
 public:
  virtual ~CheckpointStore() = default;

  /// How many queues it is made for.
  virtual std::size_t size() const = 0;
  /// The text of each queue's record, in order; none where there is none.
  virtual Result<std::vector<std::optional<std::string>>> read_all() = 0;
  /// The lists of tables that stand beside each queue's record, in order; none where the record has them.
  virtual Result<std::vector<std::optional<std::string>>> read_lists() = 0;
  /// What each queue's key holds, in order; as far as this user may ask.
  virtual Result<std::vector<QueueContents>> look_at_queues() = 0;
  /// Sets the record of one queue if it still is what is expected, in one atomic step. An owner that wrote
  /// the expected one can then no longer write: its own steps watch the record.
  virtual Result<Swapped> compare_and_set(const CheckpointChange& change) = 0;
  /// Lets go of its connections until the next call.
  virtual void rest() = 0;
};

}  // namespace realtime
