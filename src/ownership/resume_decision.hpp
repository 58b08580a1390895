#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "realtime/pipeline_plan.hpp"
#include "realtime/position.hpp"
#include "realtime/timeline_history.hpp"

#include "ownership/history_rules.hpp"

namespace realtime {

/// What the server says, at start.
struct ServerView {
  History here;  ///< system identifier, timeline, database, and the slot we are to stream from
  Lsn wal_end;   ///< what the server has flushed
  TimelineHistory timelines;
  bool slot_exists = false;
  bool slot_lost = false;       ///< wal_status = lost
  Lsn confirmed;                ///< the slot's confirmed_flush_lsn
  std::int64_t started_us = 0;  ///< when the server was started; 0: not known
};

/// What Redis says about one queue, at start.
struct QueueView {
  std::string name;
  std::optional<Record> record;
  std::optional<Position>
      remembered;  ///< where this process last saw the record: one that is gone has been forgotten
  std::optional<std::uint64_t> waited = {};  ///< messages that waited in it then; none: not known
};

/// Make the slot; every queue then begins at its consistent point.
struct CreateSlot {};

/// Something an operator must read once, though streaming goes on.
struct ResumeNotice {
  bool loss = false;  ///< else a warning
  std::string queue;  ///< empty: all
  std::string message;
  Lsn from, to;
};

/// Stream from here.
struct Resume {
  Lsn start;      ///< START_REPLICATION
  Position base;  ///< what the numbering counts on from
  Discard discard = Discard::through_last;
  Filter filter;              ///< to stream with: the old one while queues are not level after a change
  bool transactions = false;  ///< ask the plugin for transactions' begins
  std::optional<std::uint64_t> last_number;  ///< of a stream that only levels the queues with the old filter
  std::optional<std::uint64_t> reconnect_after;  ///< once every queue has recorded this number, start anew
  std::vector<Record> records;  ///< what every queue's record is to be (epoch still the old one), in order
  std::vector<ResumeNotice> notices;
};

using ResumeDecision = std::variant<CreateSlot, Resume, Error>;

/// Decides from slot and records together how to go on: create, resume, or refuse in words. Never skips in
/// silence, never starts anew by itself where records exist. Pure.
///
/// Whether the records belong to this server's history at all is only decided as far as names, numbers and
/// ends of timelines tell: HistoryProof decides the rest.
ResumeDecision decide_resume(const ServerView& server, const std::vector<QueueView>& queues,
                             const Filter& configured, const HistoryRules& rules = {});

/// Which of the queues' positions the stream resumes from: the one with the fewest messages; of equals a
/// clean one, then the one with the largest restart LSN, which spares a repetition. `positions` is not empty.
/// A test leaves the rule out (`fewest`: false, the lowest LSN) and shows what breaks. Pure.
std::size_t base_of(std::span<const Position> positions, bool fewest = true);

/// The records of queues that begin at `start`, having missed nothing.
std::vector<Record> fresh_records(std::size_t queues, Lsn start, const History& here,
                                  const Filter& configured);

}  // namespace realtime
