#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "realtime/log_hash.hpp"
#include "realtime/position.hpp"

#include "pipeline/wal_model.hpp"

namespace realtime::model {

/// A PostgreSQL log as a model: rows, commits and what belongs to nobody, or the log of another server up to a
/// point and a sequel of its own from there. The sequel may begin in lockstep with what the other server did
/// next: the same xids, positions and sizes, as two starts of one image have them. Only commit times are never
/// the same.
class HistoryLog {
 public:
  enum class Kind { row, commit, other };
  struct Entry {
    Kind kind;
    std::uint32_t xid;
    std::uint64_t lsn, end;
    int messages;
    std::int64_t time;
  };
  struct Transaction {
    std::uint32_t xid;
    Lsn start, end;  ///< of its commit record
    std::int64_t time;
    std::vector<Identity> messages;
  };
  /// What a stream brings.
  struct Item {
    bool is_message;
    Identity message;
    Lsn keepalive;
  };

  static constexpr std::uint64_t kBegin = 100;

  HistoryLog(Chance& chance, std::int64_t& clock, int steps, const HistoryLog* source = nullptr,
             Lsn cut = {kBegin});

  const std::vector<Lsn>& bounds() const { return bounds_; }
  const std::vector<Transaction>& transactions() const { return transactions_; }
  Lsn end() const { return end_; }
  std::vector<Identity> all() const;
  /// What stands before a position: from the last commit on, which no other log has.
  LogHash hash_before(Lsn at) const;
  bool committed(std::uint32_t xid, Lsn available) const;
  std::vector<Item> stream(Lsn start, Lsn available, Chance& chance) const;

 private:
  void put(Kind kind, std::uint32_t xid, std::uint64_t lsn, std::uint64_t end, int messages);
  void index();

  std::int64_t& clock_;
  std::vector<Entry> entries_;
  std::vector<Lsn> bounds_;
  std::vector<Transaction> transactions_;
  Lsn end_;
};

}  // namespace realtime::model
