#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "redis/client.hpp"

namespace realtime::redis {

/// What replace() found.
struct Replaced {
  bool replaced = false;
  std::optional<std::string> current;  ///< not replaced: the record's text; none: there is no record
};

/// What a queue's key holds.
struct QueueKey {
  std::optional<std::string> type;  ///< Redis' TYPE; "none": no key; nothing: the user may not ask
  std::optional<std::uint64_t>
      length;  ///< of a list or stream; nothing: another type, or it may not be asked
  /// What a consumer still has to take: a list's length; of a stream what the group furthest behind has not
  /// read or not acknowledged. Nothing: a stream without groups, or a Redis that does not tell (before 7).
  std::optional<std::uint64_t> waiting;
  bool has_record = false;       ///< its position stands beside it
  std::uint64_t cut_unread = 0;  ///< entries of a stream that were cut off before that group had read them
};

/// The position records of all queues, for start and take-over. Waits for Redis (Client); one thread at a
/// time.
class RecordStore {
 public:
  explicit RecordStore(Endpoint endpoint, std::function<bool()> give_up = {})
      : client_(std::move(endpoint), std::move(give_up)) {}

  /// The text of each queue's record, in the same order; nothing where there is none.
  Result<std::vector<std::optional<std::string>>> read_all(std::span<const std::string> queues);
  /// The lists of tables that stand beside the record of each of these queues; nothing where there are none.
  Result<std::vector<std::optional<std::string>>> read_lists(std::span<const std::string> queues);
  /// Sets the record of `queue` if it still is `expected` (nothing: there is none), in one atomic step, and with it
  /// the lists beside it, where `lists` is not empty.
  /// Raising the epoch this way fences the former owner, whose next transaction is then void.
  Result<Replaced> replace(std::string_view queue, const std::optional<std::string>& expected,
                           std::string_view text, std::string_view lists = {});
  /// Type, length and backlog of each queue's key.
  Result<std::vector<QueueKey>> look_at(std::span<const std::string> queues);

  Client& client() { return client_; }

 private:
  Result<std::vector<std::optional<std::string>>> read_texts(std::span<const std::string> queues,
                                                             std::string (*key)(std::string_view));

  Client client_;
};

}  // namespace realtime::redis
