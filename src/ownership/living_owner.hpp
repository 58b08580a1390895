#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "realtime/error.hpp"

#include "base/clock.hpp"
#include "ownership/resume_decision.hpp"

namespace realtime {

/// Two servers of one history cannot both be believed. A record that names another start of a server than the
/// one we are at was written by an owner there: the server may have been restarted or promoted since, or the
/// owner may still be alive beside this one, which is a copy then. An owner that lives writes its record anew
/// every third of its lease. So it is watched, for the longer of its lease and our own, by our own clock; one
/// of an older release, which names no start, for our own.
///
/// Pure: the caller brings records and time. One thread.
class LivingOwner {
 public:
  explicit LivingOwner(Duration lease) : lease_(lease) {}

  /// `server_started_us`: of the server that we are at. None: no other owner writes these records, go on. An
  /// error of kind history_open: not yet, in words; look again soon.
  std::optional<Error> look(const std::vector<QueueView>& queues, std::int64_t server_started_us,
                            TimePoint now);
  /// This process has written records with this epoch: they need no watching.
  void wrote(std::uint64_t epoch) {
    ours_.insert(epoch);
    if (ours_.size() > kMostEpochs) ours_.erase(ours_.begin());  // the lowest is the oldest
  }

 private:
  struct Seen {
    std::uint64_t epoch = 0;
    Position position;
    std::uint64_t beat = 0;
    bool operator==(const Seen&) const = default;
  };
  static constexpr std::size_t kMostEpochs = 64;

  const Duration lease_;
  std::set<std::uint64_t> ours_;
  std::vector<std::optional<Seen>> seen_;
  TimePoint since_{};
  bool moved_ = false;  ///< a record was seen to change
};

}  // namespace realtime
