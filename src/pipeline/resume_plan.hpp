#pragma once

#include <cstdint>
#include <optional>

#include "realtime/pipeline_plan.hpp"

namespace realtime {

/// The rules that make a resumed stream whole, once and in order. All of them hold, always; a test leaves
/// each one out in turn and shows what breaks without it (tests/pipeline/resume_plan_test.cpp).
struct ResumeRules {
  bool discard_when_xid_returns =
      true;  ///< a clean base whose transaction comes again discards through its last
  bool no_keepalive_while_discarding = true;
  bool keepalive_only_when_level =
      true;  ///< a queue ahead of the stream does not record the stream's keepalives
  bool restart_never_goes_back = true;  ///< in a record
};

/// Numbers the messages of a stream that resumes from a base: discards what the base has already passed,
/// counts on from there, and keeps the running restart LSN. Pure; fed in stream order by the sequencer alone.
class StreamNumbering {
 public:
  /// `start` is where the stream was really started; below base.restart the base cannot count as clean.
  StreamNumbering(const Position& base, Lsn start, Discard discard, const ResumeRules& rules = {});

  /// A transaction begins (only needed by Discard::by_transaction).
  void begin(std::uint32_t xid, std::int64_t committed_us = 0);
  /// Sets the ordinal of the next message, which is of transaction `xid` at `lsn`.
  Identity identify(std::uint32_t xid, Lsn lsn, std::int64_t committed_us = 0);
  /// The message's number, or nothing if the base has already passed it.
  std::optional<std::uint64_t> message(const Identity& identity);
  /// The server has sent everything below `end`.
  void keepalive(Lsn end);

  /// The point reached: number, last message, restart LSN; clean if a keepalive was the last thing.
  const Position& position() const { return position_; }
  /// The restart LSN as of the last message: what a position that is not clean has.
  Lsn message_restart() const { return message_restart_; }
  /// Still looking for the base's last message. While so, nothing may be recorded.
  bool discarding() const { return discarding_ && !in_last_transaction_; }

 private:
  Position position_;
  Lsn message_restart_;
  const std::optional<Identity> base_last_;
  const Discard discard_;
  const ResumeRules rules_;
  bool discarding_;
  bool undecided_;                    ///< a clean base: the first transaction decides
  bool in_last_transaction_ = false;  ///< by_transaction: the base's last transaction is passing
  Identity newest_;                   ///< the last one identified
  bool any_identified_ = false;
};

/// How far one queue is, and what of a numbered stream it takes. Pure; one writer's.
class QueueProgress {
 public:
  explicit QueueProgress(const Position& recorded, const ResumeRules& rules = {})
      : recorded_(recorded), rules_(rules) {}

  const Position& recorded() const { return recorded_; }

  /// Whether a message is new to the queue.
  bool takes(std::uint64_t number) const { return number > recorded_.number; }
  /// Whether the message with the record's own number is the record's last one; else this is another history.
  bool agrees(const Identity& identity) const { return !recorded_.last || recorded_.last->names(identity); }
  /// What the record becomes when the queue has taken everything up to `point`; nothing if it stays as it is.
  std::optional<Position> after(const Position& point) const;
  void record(const Position& position) { recorded_ = position; }

 private:
  Position recorded_;
  ResumeRules rules_;
};

}  // namespace realtime
