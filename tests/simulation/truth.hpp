#pragma once

#include <string>
#include <vector>

#include "pipeline/wal_model.hpp"

namespace realtime::sim {

/// What the log holds, message by message in commit order: the measure of all that is delivered and
/// confirmed. And the first thing that was found wrong, which turns a case red.
class Truth {
 public:
  Truth(const model::Wal& wal, model::Chance& chance) : wal_end_(wal.end()) {
    const bool wide = chance.happens(0.1);
    for (const model::Transaction& transaction : wal.transactions()) {
      for (const Identity& message : model::Wal::messages(transaction)) {
        const auto index = std::to_string(messages.size());
        const bool left_out = chance.happens(0.02);
        std::size_t padding = static_cast<std::size_t>(chance.between(0, 40));
        if (wide)
          padding = static_cast<std::size_t>(chance.happens(0.02) ? 70'000 : chance.between(0, 9'000));
        messages.push_back(
            {message, transaction.commit_start,
             left_out ? "" : "{\"message\":" + index + ",\"pad\":\"" + std::string(padding, 'x') + "\"}"});
      }
    }
  }

  struct Message {
    Identity identity;
    Lsn commit_start;
    std::string text;  ///< empty: too large for Redis, takes a number and is left out
  };
  std::vector<Message> messages;

  std::uint64_t count() const { return messages.size(); }
  Lsn wal_end() const { return wal_end_; }

  /// How many messages PostgreSQL never sends again once `confirmed` is confirmed: those of transactions
  /// whose commit starts below it.
  std::uint64_t gone_after(Lsn confirmed) const {
    const auto first = std::partition_point(
        messages.begin(), messages.end(),
        [confirmed](const Message& message) { return message.commit_start < confirmed; });
    return static_cast<std::uint64_t>(first - messages.begin());
  }
  /// Whether a stream from `restart` holds everything after message `number`.
  bool restart_covers(Lsn restart, std::uint64_t number) const { return gone_after(restart) <= number; }

  void red(const std::string& what) const {
    if (bad_.empty()) bad_ = what;
  }
  bool is_red() const { return !bad_.empty(); }
  const std::string& bad() const { return bad_; }

 private:
  Lsn wal_end_;
  mutable std::string bad_;
};

}  // namespace realtime::sim
