#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "realtime/sink.hpp"

#include "base/clock.hpp"
#include "pipeline/in_flight_window.hpp"
#include "pipeline/resume_plan.hpp"

namespace realtime {

struct GatherSettings {
  std::size_t batch_bytes = 512 * 1024;  ///< an atomic step costs Redis about 30 us whatever it carries
  std::size_t worth_bytes = 16 * 1024;   ///< while the server has more to send, less waits for company
  Duration longest_wait = std::chrono::milliseconds(1);
};

/// Walks the published places for one queue and makes batches of what is new to it. One writer's; called
/// under its turn.
class BatchGatherer {
 public:
  BatchGatherer(std::size_t queue, InFlightWindow& window, const Position& recorded,
                const GatherSettings& settings)
      : queue_(queue),
        window_(window),
        settings_(settings),
        limit_(settings.batch_bytes),
        passed_(recorded) {}

  enum class Found {
    nothing,  ///< nothing new; places without news were taken on the way
    wait,     ///< something, but it waits for company: ask again when more is published, or at wait_until()
    batch,    ///< batch() holds it, and leads to reached()
    other_history,  ///< the stream and the record disagree about disagreement()
  };
  Found gather(const QueueProgress& progress, TimePoint now);
  /// The batch was delivered: its places are the reader's again.
  void settle();

  /// A batch ends with the place that brings it to so many bytes.
  void limit(std::size_t bytes) { limit_ = bytes; }
  /// The message with this number takes none but its number: this queue cannot have it.
  void leave_out(std::uint64_t number) { left_out_.push_back(number); }
  /// A message of the batch.
  struct Message {
    const Frame* frame = nullptr;
    const Change* change = nullptr;
    std::uint64_t number = 0;
  };
  /// The largest message of the batch, which has one.
  Message largest() const;

  const Batch& batch() const { return batch_; }
  const Position& reached() const { return reached_; }
  /// Its restart LSN as of the batch's last message, whatever keepalives follow it.
  Lsn message_restart() const { return message_restart_; }
  const Identity& disagreement() const { return disagreement_; }
  TimePoint oldest_received() const { return oldest_received_; }
  std::int64_t newest_sent_us() const { return newest_sent_us_; }

  /// The end of the last place that was taken.
  const Position& passed() const { return passed_; }
  /// Places below this were taken.
  std::uint64_t taken() const { return next_; }
  bool has_news() const { return window_.sequenced() > std::max(next_, waiting_to_); }
  TimePoint wait_until() const { return wait_until_; }

 private:
  bool waits_for_company(TimePoint now);
  bool admit(const Place& place, const QueueProgress& progress);
  void add(const Frame& frame, std::uint32_t begin, std::uint32_t end, std::uint64_t first_number);

  const std::size_t queue_;
  InFlightWindow& window_;
  const GatherSettings settings_;
  std::size_t limit_;
  std::vector<std::uint64_t> left_out_;  ///< a few at most: each has broken a connection several times

  std::uint64_t next_ = 0;  ///< the first place not yet taken
  Position passed_;
  std::uint64_t waiting_to_ = 0;  ///< the places below it wait for company
  TimePoint wait_until_ = TimePoint::max();

  Batch batch_;
  std::uint64_t batch_end_ = 0;  ///< the places below it are in the batch
  Position reached_;
  Lsn message_restart_;
  Identity disagreement_;
  TimePoint oldest_received_{};
  std::int64_t newest_sent_us_ = 0;
};

}  // namespace realtime
