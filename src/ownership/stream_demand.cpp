#include "ownership/stream_demand.hpp"

#include <algorithm>
#include <tuple>

namespace realtime {
namespace {

std::string describe(const Identity& message) {
  return "row " + to_string(message.lsn) + " of transaction " + std::to_string(message.xid);
}

/// The lowest number last.
std::vector<StreamDemand::Further> in_order(std::vector<StreamDemand::Further> further) {
  std::sort(further.begin(), further.end(), [](const auto& a, const auto& b) { return a.number > b.number; });
  return further;
}

Error other_history(const std::string& queue, const std::string& what, const std::string& both) {
  return {ErrorKind::other_history, "queue " + queue + ": its position record is of another history: " +
                                        what + (both.empty() ? "" : "; " + both)};
}

}  // namespace

StreamDemand::StreamDemand(Demand demand, const HistoryRules& rules)
    : demand_(std::move(demand)),
      rules_(rules),
      further_(in_order(demand_.further)),
      number_(demand_.base.number) {
  switch (demand_.base.last ? demand_.owes : Owes::nothing) {
    case Owes::nothing:
      break;
    case Owes::last:
      search_ = Search::last;
      break;
    case Owes::same_or_new:
      search_ = Search::decide;
      break;
    case Owes::perhaps:
      search_ = Search::look;
      break;
  }
}

bool StreamDemand::is_of_base(std::uint32_t xid, std::int64_t committed_us) const {
  return demand_.base.last && demand_.base.last->xid == xid && demand_.base.last->committed_at(committed_us);
}

void StreamDemand::begin(std::uint32_t xid, std::int64_t committed_us) {
  if (!demand_.by_transaction) return;
  in_last_transaction_ = false;
  if (search_ == Search::decide && !is_of_base(xid, committed_us)) search_ = Search::none;
  if (search_ == Search::none || !is_of_base(xid, committed_us)) return;
  in_last_transaction_ = true;
  found();
}

void StreamDemand::message(std::uint32_t xid, Lsn lsn, std::int64_t committed_us) {
  const bool same = any_ && newest_.xid == xid && newest_.lsn == lsn;
  newest_ = {xid, lsn, same ? newest_.ordinal + 1 : 0, committed_us};
  any_ = true;
  const std::optional<Identity>& last = demand_.base.last;
  if (search_ == Search::decide) search_ = xid == last->xid ? Search::last : Search::none;
  if (in_last_transaction_) {
    // Within one transaction LSNs never decrease, so the order of two of its messages is known.
    if (std::tie(lsn, newest_.ordinal) <= std::tie(last->lsn, last->ordinal)) return;
    in_last_transaction_ = false;
  }
  if (search_ == Search::last || search_ == Search::look) {
    if (!demand_.by_transaction && newest_.names(*last)) return found();
  }
  if (search_ != Search::last) count(newest_);
  if (search_ == Search::look && lsn >= demand_.base.restart) search_ = Search::none;
  reached(lsn);
}

void StreamDemand::keepalive(Lsn end) {
  if (search_ == Search::look && end > demand_.base.restart) search_ = Search::none;
  reached(end);
}

/// The base's last message has come: what follows it is new, what came before it was not.
void StreamDemand::found() {
  search_ = Search::none;
  came_ = true;
  number_ = demand_.base.number;
  further_ = in_order(demand_.further);
  disagreement_.reset();
}

void StreamDemand::count(const Identity& identity) {
  ++number_;
  while (!further_.empty() && further_.back().number <= number_) {
    const Further& one = further_.back();
    if (one.number == number_ && !one.last.names(identity) && !disagreement_) {
      disagreement_ = other_history(one.queue,
                                    "message " + std::to_string(number_) + " of the stream is " +
                                        describe(identity) + ", the record says " + describe(one.last),
                                    one.both);
    }
    further_.pop_back();
  }
}

/// Everything below `lsn` has come.
void StreamDemand::reached(Lsn lsn) {
  const bool over = lsn >= demand_.known_end;
  if (over && (search_ == Search::decide || search_ == Search::look)) search_ = Search::none;
  if (search_ == Search::none && disagreement_ && rules_.all) refused_ = disagreement_;
  if (!over || refused_) return;
  const std::string gone =
      " does not come from the server, whose log ends at " + to_string(demand_.known_end);
  if (searches()) {
    refused_ = other_history(demand_.queue, "its last message (" + describe(*demand_.base.last) + ")" + gone,
                             demand_.both);
  } else if (!further_.empty() && rules_.all) {
    const Further& one = further_.back();
    refused_ = other_history(one.queue,
                             "message " + std::to_string(one.number) + " (" + describe(one.last) + ")" + gone,
                             one.both);
  }
}

}  // namespace realtime
