#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <random>
#include <vector>

#include "realtime/position.hpp"

namespace realtime::model {

/// Small helpers over one seeded generator, so that a failing case is replayed by its seed.
class Chance {
 public:
  explicit Chance(std::uint64_t seed) : engine_(seed) {}
  int between(int low, int high) { return std::uniform_int_distribution<int>(low, high)(engine_); }
  bool happens(double probability) {
    return std::uniform_real_distribution<double>(0, 1)(engine_) < probability;
  }
  template <typename Container>
  auto& one_of(Container& items) {
    return items[static_cast<std::size_t>(between(0, static_cast<int>(items.size()) - 1))];
  }
  template <typename T>
  T pick(std::initializer_list<T> items) {
    return items.begin()[between(0, static_cast<int>(items.size()) - 1)];
  }

 private:
  std::mt19937_64 engine_;
};

/// A row's WAL record: `messages` changes of one table at one LSN (a COPY writes several; 0: nothing of
/// interest).
struct Row {
  Lsn lsn;
  int messages = 1;
  int table = 0;
};

struct Transaction {
  std::uint32_t xid = 0;
  Lsn commit_start, commit_end;
  std::vector<Row> rows;
};

struct Event {
  enum class Kind { message, keepalive, begin };
  Kind kind;
  Identity identity;  ///< of a message; only the xid of a begin
  Lsn end;            ///< of a keepalive
};

/// PostgreSQL's log as logical decoding sees it: interleaved transactions, rows that share an LSN, LSNs that
/// belong to somebody else; and what a walsender makes of it from any start (it re-sends exactly the
/// transactions whose commit record starts at or after the start, whole, in commit order; a keepalive may
/// stand anywhere).
class Wal {
 public:
  explicit Wal(Chance& chance, int tables = 1, int most_steps = 60) {
    std::uint64_t lsn = 100;
    std::uint32_t xid = 700;
    std::vector<Transaction> open;
    bounds_.push_back({lsn});
    const auto commit = [&](std::size_t i) {
      Transaction done = open[i];
      open.erase(open.begin() + static_cast<std::ptrdiff_t>(i));
      done.commit_start = {lsn};
      done.commit_end = {++lsn};
      transactions_.push_back(std::move(done));
    };
    const int steps = chance.between(5, most_steps);
    for (int step = 0; step < steps; ++step) {
      const int what = chance.between(0, 99);
      if (what < 25 || open.empty()) {
        open.push_back({++xid, {}, {}, {}});
      } else if (what < 65) {
        const int messages = chance.happens(0.9) ? chance.pick({1, 1, 1, 3}) : 0;
        chance.one_of(open).rows.push_back({{lsn}, messages, chance.between(0, tables - 1)});
        lsn += static_cast<std::uint64_t>(chance.pick({1, 1, 5}));
      } else if (what < 90) {
        commit(static_cast<std::size_t>(chance.between(0, static_cast<int>(open.size()) - 1)));
      } else {
        lsn += static_cast<std::uint64_t>(chance.pick({1, 7}));
      }
      bounds_.push_back({lsn});
    }
    while (!open.empty()) {
      commit(0);
      bounds_.push_back({lsn});
    }
    end_ = {lsn};
  }

  static Lsn begin() { return {100}; }
  Lsn end() const { return end_; }
  const std::vector<Transaction>& transactions() const { return transactions_; }

  /// The changes of a transaction that a filter (a bit a table) lets pass.
  static std::vector<Identity> messages(const Transaction& transaction, unsigned filter = ~0u) {
    std::vector<Identity> all;
    for (const Row& row : transaction.rows) {
      if (!(filter >> row.table & 1)) continue;
      for (int i = 0; i < row.messages; ++i)
        all.push_back({transaction.xid, row.lsn, static_cast<std::uint32_t>(i)});
    }
    return all;
  }
  std::vector<Identity> all(unsigned filter = ~0u) const {
    std::vector<Identity> all;
    for (const Transaction& transaction : transactions_) {
      for (const Identity& message : messages(transaction, filter)) all.push_back(message);
    }
    return all;
  }
  /// Everything that `filter` lets pass after `last` (whether or not it lets `last` itself pass) of what a
  /// stream from `start` holds.
  std::vector<Identity> all_after(const std::optional<Identity>& last, Lsn start, unsigned filter) const {
    std::vector<Identity> after;
    bool passed = !last;
    for (const Transaction& transaction : transactions_) {
      if (transaction.commit_start < start) {
        passed = passed || transaction.xid == last->xid;
        continue;
      }
      for (const Identity& message : messages(transaction, filter)) {
        const bool later = last && transaction.xid == last->xid &&
                           std::tie(message.lsn, message.ordinal) > std::tie(last->lsn, last->ordinal);
        if (passed || later) after.push_back(message);
      }
      passed = passed || (last && transaction.xid == last->xid);
    }
    return after;
  }

  /// What one connection from `start` sees; keepalives fall differently each time.
  std::vector<Event> stream(Lsn start, Chance& chance, unsigned filter = ~0u, bool begins = false) const {
    std::vector<Event> events;
    Lsn position = start;
    const auto maybe_keepalive = [&](Lsn limit, double probability) {
      std::vector<Lsn> candidates;
      for (const Lsn bound : bounds_) {
        if (position <= bound && bound <= limit) candidates.push_back(bound);
      }
      if (candidates.empty() || !chance.happens(probability)) return;
      position = chance.one_of(candidates);
      events.push_back({Event::Kind::keepalive, {}, position});
    };
    for (const Transaction& transaction : transactions_) {
      if (transaction.commit_start < start) continue;
      maybe_keepalive(transaction.commit_start, 0.4);
      if (begins) events.push_back({Event::Kind::begin, {transaction.xid, {}, 0}, {}});
      for (const Identity& message : messages(transaction, filter)) {
        if (chance.happens(0.15)) maybe_keepalive(transaction.commit_start, 0.4);
        events.push_back({Event::Kind::message, message, {}});
      }
      position = std::max(position, transaction.commit_end);
    }
    while (chance.happens(0.5)) {
      position = std::max(position, chance.one_of(bounds_));
      events.push_back({Event::Kind::keepalive, {}, position});
    }
    return events;
  }

 private:
  std::vector<Transaction> transactions_;  ///< in commit order
  mutable std::vector<Lsn> bounds_;        ///< where a record ends: where a keepalive may point
  Lsn end_;
};

}  // namespace realtime::model
