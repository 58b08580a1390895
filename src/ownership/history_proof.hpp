#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "realtime/error.hpp"
#include "realtime/log_hash.hpp"
#include "realtime/position.hpp"
#include "realtime/slot_server.hpp"

#include "ownership/history_rules.hpp"
#include "ownership/resume_decision.hpp"
#include "ownership/stream_demand.hpp"

namespace realtime {

/// Whether the records that a stream is to be resumed from belong to this server's history: what must be
/// asked of the server for it, and what the answers mean.
///
/// System identifier and timeline number name no history: a disk that was set back, a copy of the server, and
/// two standbys that were promoted one after the other have both in common, and their log soon passes every
/// position. What names a history is its log. So, for every queue, and before anything is fenced or written:
///
///   the record is clean      the log before its position has the hash that the record has; and the
///                            transaction of its last message, which may have been committed behind the
///                            position, was committed here
///   it is not                the stream from its position brings its last message again, commit time and all
///   clean, without a hash    (an older release wrote it, or the server gives no log) the stream begins where
///                            the last message must still come, if it can
///
/// Pure. In this order: log_questions and hear_log, status_questions and hear_status, then refused(), start(),
/// the stream to stream_demand(), and settle().
class HistoryProof {
 public:
  HistoryProof(const ServerView& server, const std::vector<QueueView>& queues, const Resume& resume,
               const HistoryRules& rules = {});

  /// The log before a position.
  struct LogQuestion {
    Lsn at;
    std::uint32_t bytes = 0;
    std::uint32_t timeline = 0;  ///< that the server's history was on there
  };
  const std::vector<LogQuestion>& log_questions() const { return log_questions_; }
  /// None: the server does not give this part of its log.
  void hear_log(const LogQuestion& question, const std::optional<LogHash>& hash);

  /// Transactions that must have been committed.
  std::vector<std::uint32_t> status_questions() const;
  void hear_status(std::uint32_t xid, TransactionStatus status);

  /// Why it is none of ours, or cannot be told yet (a kind that is tried again); none: go on.
  const std::optional<Error>& refused() const { return refused_; }

  /// Where the stream begins.
  Lsn start() const { return start_; }
  /// The slot's position, read once more since the stream has begun: true, if all must be planned anew.
  bool has_moved(Lsn confirmed) const { return rules_.again && confirmed > start_; }
  /// What the stream must bring.
  StreamDemand stream_demand() const;
  /// What the resumption becomes once the stream has brought it.
  void settle(const StreamDemand& stream, Resume& resume) const;

 private:
  /// How a record that is resumed from is known to be of this history.
  enum class Trust {
    stream,  ///< its last message comes again
    asked,   ///< its log hash is asked for
    log,     ///< its log hash is the server's
    weak,    ///< clean, and the log tells nothing
  };
  struct Claimed {
    std::string queue;
    std::size_t place;  ///< of the queue
    Record record;
    bool gap = false;  ///< the slot no longer has what follows it
    Trust trust = Trust::stream;
  };

  void ask(Claimed& claimed);
  std::string both(const Claimed& claimed) const;
  void refuse(ErrorKind kind, const Claimed& claimed, const std::string& why, std::string remedy = {});
  void decide();
  void decide_gaps();
  StreamDemand::Owes owed() const;
  bool base_is_weak() const { return base_claim_ && claimed_[*base_claim_].trust == Trust::weak; }

  const ServerView server_;
  const HistoryRules rules_;
  const Position base_;
  const Discard discard_;
  std::vector<Claimed> claimed_;
  std::vector<LogQuestion> log_questions_;
  std::size_t open_ = 0;                   ///< log questions without an answer
  std::optional<std::size_t> base_claim_;  ///< into claimed_
  Lsn start_;
  std::optional<Error> refused_;
};

}  // namespace realtime
