#include "ownership/history_proof.hpp"

#include <algorithm>

namespace realtime {
namespace {

std::string describe(const Record& record) {
  const auto& last = record.position.last;
  return "record at " + to_string(record.position.restart) + " on timeline " +
         std::to_string(record.history.timeline) + ", message " + std::to_string(record.position.number) +
         (last ? " (row " + to_string(last->lsn) + " of transaction " + std::to_string(last->xid) + ")" : "");
}

std::string describe(const ServerView& server) {
  return "server on timeline " + std::to_string(server.here.timeline) + ", log ends at " +
         to_string(server.wal_end) + ", slot confirmed " + to_string(server.confirmed);
}

}  // namespace

HistoryProof::HistoryProof(const ServerView& server, const std::vector<QueueView>& queues,
                           const Resume& resume, const HistoryRules& rules)
    : server_(server), rules_(rules), base_(resume.base), discard_(resume.discard), start_(resume.start) {
  for (std::size_t q = 0; q < queues.size(); ++q) {
    if (!queues[q].record) continue;
    Claimed claimed{queues[q].name, q, *queues[q].record};
    claimed.gap = claimed.record.position.restart < server.confirmed;
    ask(claimed);
    if (!claimed.gap && claimed.record.position == base_ && !base_claim_) base_claim_ = claimed_.size();
    claimed_.push_back(std::move(claimed));
  }
  open_ = log_questions_.size();
  if (open_ == 0) decide();
}

void HistoryProof::ask(Claimed& claimed) {
  const Position& at = claimed.record.position;
  if (!at.clean) return;
  if (!at.log || !rules_.log) {
    claimed.trust = Trust::weak;
    return;
  }
  claimed.trust = Trust::asked;
  const auto same = [&at](const LogQuestion& one) {
    return one.at == at.restart && one.bytes == at.log->bytes;
  };
  if (std::any_of(log_questions_.begin(), log_questions_.end(), same)) return;
  log_questions_.push_back(
      {at.restart, at.log->bytes, server_.timelines.timeline_at(at.restart).value_or(server_.here.timeline)});
}

void HistoryProof::hear_log(const LogQuestion& question, const std::optional<LogHash>& hash) {
  for (Claimed& claimed : claimed_) {
    const Position& at = claimed.record.position;
    if (claimed.trust != Trust::asked || at.restart != question.at || at.log->bytes != question.bytes)
      continue;
    claimed.trust = hash ? Trust::log : Trust::weak;
    if (!hash || *hash == *at.log) continue;
    refuse(ErrorKind::other_history, claimed,
           "the server's log before this position is another one: hash " + to_hex(*hash) +
               ", in the record " + to_hex(*at.log));
  }
  if (--open_ == 0) decide();
}

std::vector<std::uint32_t> HistoryProof::status_questions() const {
  std::vector<std::uint32_t> xids;
  for (const Claimed& claimed : claimed_) {
    const Position& at = claimed.record.position;
    if (!rules_.status || !at.clean || !at.last) continue;
    if (std::find(xids.begin(), xids.end(), at.last->xid) == xids.end()) xids.push_back(at.last->xid);
  }
  return xids;
}

void HistoryProof::hear_status(std::uint32_t xid, TransactionStatus status) {
  for (const Claimed& claimed : claimed_) {
    const Position& at = claimed.record.position;
    if (!at.clean || !at.last || at.last->xid != xid) continue;
    switch (status) {
      case TransactionStatus::committed:
      case TransactionStatus::too_old:
        break;
      case TransactionStatus::in_progress:
        // Its commit is in the log, and waits for a synchronous standby; or a prepared one has lost its end.
        refuse(ErrorKind::history_open, claimed,
               "the transaction of its last message is not visible on this server yet",
               "Wait for the synchronous standby, or look for a prepared transaction (SELECT * FROM "
               "pg_prepared_xacts); this is tried again.");
        break;
      case TransactionStatus::aborted:
        refuse(ErrorKind::other_history, claimed,
               "the transaction of its last message was rolled back on this server");
        break;
      case TransactionStatus::in_future:
        refuse(ErrorKind::other_history, claimed,
               "this server has not begun the transaction of its last message");
        break;
    }
  }
}

std::string HistoryProof::both(const Claimed& claimed) const {
  return describe(claimed.record) + "; " + describe(server_);
}

/// The first refusal stays, unless it only asks for patience.
void HistoryProof::refuse(ErrorKind kind, const Claimed& claimed, const std::string& why,
                          std::string remedy) {
  if (refused_ && (refused_->kind == ErrorKind::other_history || kind != ErrorKind::other_history)) return;
  const std::string what = kind == ErrorKind::other_history
                               ? ": its position record is of another history: "
                               : ": whether its position record is of this history cannot be told yet: ";
  refused_ = Error{
      kind,
      "queue " + claimed.queue + what + why + "; " + describe(claimed.record) + "; " + describe(server_),
      std::move(remedy)};
}

/// All that the log tells is known.
void HistoryProof::decide() {
  for (const Claimed& claimed : claimed_) {
    const auto &its = claimed.record.position.last, &base = base_.last;
    const bool level = !claimed.gap && claimed.record.position.number == base_.number;
    if (rules_.all && level && its && base && !its->names(*base))
      refuse(ErrorKind::other_history, claimed, "another queue's record has another message of this number");
  }
  decide_gaps();
  if (!rules_.ask || !base_is_weak()) return;
  const Lsn last = base_.last ? base_.last->lsn : Lsn{};
  start_ = std::min(base_.restart, std::max(server_.confirmed, last));
}

/// A record that is behind the slot can be asked for nothing but its log. Where no other one decides about
/// the history either, it must have been written against this very server process.
void HistoryProof::decide_gaps() {
  if (base_claim_ || claimed_.empty()) return;
  const bool known = std::any_of(claimed_.begin(), claimed_.end(), [this](const Claimed& claimed) {
    const std::int64_t started = claimed.record.life.server_started_us;
    return claimed.trust == Trust::log || (started != 0 && started == server_.started_us);
  });
  if (!known && rules_.log)
    refuse(ErrorKind::other_history, claimed_.front(),
           "the slot is past every record, and nothing shows that they are of this server's history");
}

StreamDemand::Owes HistoryProof::owed() const {
  if (!base_.clean) return StreamDemand::Owes::last;
  if (!base_is_weak() || !base_.last) return StreamDemand::Owes::same_or_new;
  if (rules_.ask && start_ <= base_.last->lsn) return StreamDemand::Owes::last;
  return rules_.look ? StreamDemand::Owes::perhaps : StreamDemand::Owes::same_or_new;
}

StreamDemand HistoryProof::stream_demand() const {
  StreamDemand::Demand demand;
  demand.base = base_;
  demand.known_end = server_.wal_end;
  demand.by_transaction = discard_ == Discard::by_transaction;
  if (base_claim_) {
    demand.queue = claimed_[*base_claim_].queue;
    demand.both = both(claimed_[*base_claim_]);
  }
  if (base_claim_ && discard_ != Discard::nothing) demand.owes = owed();
  for (const Claimed& claimed : claimed_) {
    const Position& at = claimed.record.position;
    if (claimed.gap || at.number <= base_.number || !at.last) continue;
    demand.further.push_back({claimed.queue, at.number, *at.last, both(claimed)});
  }
  return StreamDemand(std::move(demand), rules_);
}

void HistoryProof::settle(const StreamDemand& stream, Resume& resume) const {
  resume.start = start_;
  if (!base_is_weak()) return;
  const auto lower = [&](Position& at) {
    at.restart = start_;
    at.clean = at.number == base_.number && !stream.last_came();
    at.log.reset();
  };
  for (std::size_t q = 0; rules_.lower && q < resume.records.size(); ++q) {
    const auto own = std::find_if(claimed_.begin(), claimed_.end(),
                                  [q](const Claimed& claimed) { return claimed.place == q; });
    const bool weak = own != claimed_.end() && own->trust == Trust::weak && !own->gap;
    if (weak || resume.records[q].position == base_) lower(resume.records[q].position);
  }
  if (stream.last_came() || start_ >= base_.restart) return;
  lower(resume.base);  // everything from there is new
  resume.discard = Discard::nothing;
  resume.transactions = false;
}

}  // namespace realtime
