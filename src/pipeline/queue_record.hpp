#pragma once

#include <optional>
#include <string>

#include "realtime/checkpoint_text.hpp"
#include "realtime/result.hpp"

#include "pipeline/resume_plan.hpp"

namespace realtime {

/// What the record of one queue says as far as we know, what the running step is to make of it, and what it
/// means when Redis says something else. Pure; one writer's.
///
/// A step is *given up* when its connection fails before its outcome is read. Redis may still do it, whenever
/// it comes to it: also after a new connection has read the old record. It was given up, not undone. All
/// steps that are given up between two records are conditional on the same record, so one of them at most is
/// ever done. None needs to be remembered: a record with our epoch was written by us, and all of it is in the
/// queue.
class QueueRecord {
 public:
  /// `record` is what Redis holds for the queue, with our epoch; `filter` is the stream's. `queue` names it
  /// in errors.
  QueueRecord(const Record& record, const Filter& filter, std::string queue);

  const Position& position() const { return record_.position; }
  const QueueProgress& progress() const { return progress_; }

  /// The next step makes `position` of the record, having pushed messages of the stream or not. The text.
  const std::string& aim_push(const Position& position);
  const std::string& aim(const Position& position);
  /// What the next push changes of the lists beside the record (Batch::lists), if anything.
  std::optional<std::string> changed_lists() const;
  /// Whether a step's outcome is open.
  bool is_aimed() const { return aimed_; }
  /// The step was not done, or was none; or it was given up.
  void drop_aim() { aimed_ = false; }

  enum class Shows {
    aim,            ///< the step is done
    no_change,      ///< the step is not done
    given_up_step,  ///< one that was given up is done
  };
  /// What the record's text, read from Redis, shows; position() and progress() follow. An error: somebody
  /// else wrote it, or Redis forgot, and the queue is no longer ours to write.
  Result<Shows> read(const std::optional<std::string>& text);

 private:
  Result<Shows> judge(const std::optional<std::string>& text);
  bool is_older_beat(const Record& seen) const;
  bool is_given_up_step(const Record& seen) const;
  void follow(const Position& position);
  std::string at(const Position& position) const;

  const std::string queue_;
  const Filter filter_;
  Record record_;     ///< as it stands in Redis, as far as we know
  std::string text_;  ///< its text
  QueueProgress progress_;

  RecordWriter format_;            ///< with the filter of the last message pushed
  bool aims_at_messages_ = false;  ///< of the stream's filter
  bool aimed_ = false;
  Position target_;
  std::uint64_t target_beat_ = 0;
  std::string target_text_;
  std::uint64_t furthest_aim_;  ///< the largest number that any step of ours was to record
};

}  // namespace realtime
