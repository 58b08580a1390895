#include "pipeline/resume_plan.hpp"

#include <algorithm>
#include <tuple>

namespace realtime {

StreamNumbering::StreamNumbering(const Position& base, Lsn start, Discard discard, const ResumeRules& rules)
    : position_(base),
      message_restart_(start),
      base_last_(base.last),
      discard_(base.last ? discard : Discard::nothing),
      rules_(rules) {
  const bool clean = base.clean && start >= base.restart;
  position_.restart = start;
  position_.clean = clean;
  position_.log.reset();  // whoever records a point asks for the hash of it
  discarding_ = discard_ != Discard::nothing && !clean;
  undecided_ = discard_ != Discard::nothing && clean;
}

void StreamNumbering::begin(std::uint32_t xid, std::int64_t committed_us) {
  if (discard_ != Discard::by_transaction) return;
  if (in_last_transaction_) {  // another transaction: the base's last one has passed whole
    in_last_transaction_ = discarding_ = false;
    return;
  }
  if (xid == base_last_->xid && base_last_->committed_at(committed_us) && (discarding_ || undecided_)) {
    in_last_transaction_ = discarding_ = true;
    position_.clean = false;
  }
  undecided_ = false;
}

Identity StreamNumbering::identify(std::uint32_t xid, Lsn lsn, std::int64_t committed_us) {
  const bool same = any_identified_ && newest_.xid == xid && newest_.lsn == lsn;
  newest_ = {xid, lsn, same ? newest_.ordinal + 1 : 0, committed_us};
  any_identified_ = true;
  return newest_;
}

std::optional<std::uint64_t> StreamNumbering::message(const Identity& identity) {
  position_.restart = std::max(position_.restart, identity.lsn);
  if (undecided_) {
    undecided_ = false;
    discarding_ = rules_.discard_when_xid_returns && identity.xid == base_last_->xid;
    in_last_transaction_ = discarding_ && discard_ == Discard::by_transaction;
    if (discarding_) position_.clean = false;
  }
  message_restart_ = position_.restart;
  if (discarding_ && in_last_transaction_ && base_last_->xid == identity.xid) {
    // Within one transaction LSNs never decrease, so the order of two identities of it is known.
    if (std::tie(identity.lsn, identity.ordinal) <= std::tie(base_last_->lsn, base_last_->ordinal)) return {};
    discarding_ = in_last_transaction_ = false;
  }
  if (discarding_) {
    if (discard_ == Discard::through_last && identity.names(*base_last_)) discarding_ = false;
    return {};
  }
  position_.last = identity;
  position_.clean = false;
  return ++position_.number;
}

void StreamNumbering::keepalive(Lsn end) {
  position_.restart = std::max(position_.restart, end);
  if (!discarding() || !rules_.no_keepalive_while_discarding) position_.clean = true;
}

std::optional<Position> QueueProgress::after(const Position& point) const {
  const bool further = point.number > recorded_.number;
  const bool level = point.number == recorded_.number || !rules_.keepalive_only_when_level;
  if (!further && !(level && point.clean)) return std::nullopt;
  Position next = point;
  if (!further) {
    next.number = recorded_.number;
    next.last = recorded_.last;
  }
  if (rules_.restart_never_goes_back) next.restart = std::max(point.restart, recorded_.restart);
  // The hash is of one position alone; where the record stays there, it stays.
  next.log = next.clean && next.restart == recorded_.restart ? recorded_.log : std::nullopt;
  if (next == recorded_) return std::nullopt;
  return next;
}

}  // namespace realtime
