#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "realtime/error.hpp"
#include "realtime/pipeline_plan.hpp"
#include "realtime/position.hpp"

#include "ownership/history_rules.hpp"

namespace realtime {

/// Hears the stream that a take-over has begun and knows when it has brought what the records demand of it:
/// the base's last message, and those of the queues that are further, each at its number. Counts, and keeps
/// nothing. Pure; fed in stream order.
class StreamDemand {
 public:
  /// What the stream owes for the base.
  enum class Owes {
    nothing,      ///< no message has passed yet
    last,         ///< its last message comes again
    same_or_new,  ///< clean: its last transaction comes again as the first one and brings the last message, or
                  ///< nothing of it comes
    perhaps,      ///< clean, and nothing else has proven it: what passes until its position has the last
                  ///< message in it, or is all new
  };
  /// A record beside the base's.
  struct Further {
    std::string queue;
    std::uint64_t number;
    Identity last;
    std::string both = {};  ///< record and server, for words
  };
  struct Demand {
    std::string queue;  ///< the base's, for words
    std::string both;   ///< its record and the server, for words
    Position base;
    Owes owes = Owes::nothing;
    bool by_transaction = false;  ///< the filter changed: the base's last transaction stands for its message
    std::vector<Further> further;
    Lsn known_end;  ///< at and past it everything that was recorded has come
  };
  explicit StreamDemand(Demand demand, const HistoryRules& rules = {});

  void begin(std::uint32_t xid, std::int64_t committed_us);
  void message(std::uint32_t xid, Lsn lsn, std::int64_t committed_us);
  void keepalive(Lsn end);

  /// All that is demanded has come.
  bool is_proven() const { return !refused_ && !searches() && (further_.empty() || !rules_.all); }
  /// What has come is of another history; none: it is not known to be.
  const std::optional<Error>& refused() const { return refused_; }
  /// Whether the base's last message came again (once it is proven).
  bool last_came() const { return came_; }

 private:
  enum class Search { none, last, decide, look };

  bool searches() const { return search_ != Search::none && (rules_.demand || search_ != Search::last); }
  bool is_of_base(std::uint32_t xid, std::int64_t committed_us) const;
  void found();
  void count(const Identity& identity);
  void reached(Lsn lsn);

  const Demand demand_;
  const HistoryRules rules_;
  Search search_ = Search::none;
  bool came_ = false;
  bool in_last_transaction_ = false;
  std::vector<Further> further_;  ///< not yet seen, the lowest number last
  std::uint64_t number_;
  Identity newest_;
  bool any_ = false;
  std::optional<Error> disagreement_;  ///< where the base's last message turns out to be yet to come: none
  std::optional<Error> refused_;
};

}  // namespace realtime
