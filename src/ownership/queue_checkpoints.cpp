#include "ownership/queue_checkpoints.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "realtime/checkpoint_text.hpp"

#include "base/check.hpp"

namespace realtime {

EpochClock system_epoch_clock() {
  return [] {
    const auto clock = std::chrono::system_clock::now().time_since_epoch();
    const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(clock).count();
    return static_cast<std::uint64_t>(std::max<std::int64_t>(0, milliseconds));
  };
}

std::uint64_t next_epoch(const std::vector<QueueView>& queues, std::uint64_t clock_ms,
                         const OwnershipRules& rules) {
  std::uint64_t epoch = 0;
  for (const QueueView& queue : queues) {
    if (queue.record) epoch = std::max(epoch, queue.record->epoch);
  }
  if (!rules.raises_epoch && epoch > 0) return epoch;
  return rules.epoch_is_of_clock ? std::max(epoch + 1, clock_ms) : epoch + 1;
}

std::optional<Error> ReadCheckpoints::first_unreadable() const {
  for (std::size_t q = 0; q < queues.size(); ++q) {
    const auto& error = unreadable[q];
    if (error) return Error{error->kind, "queue " + queues[q].name + ": " + error->message};
  }
  return std::nullopt;
}

QueueCheckpoints::QueueCheckpoints(const Claim& claim, CheckpointStore& store, EpochClock clock,
                                   const OwnershipRules& rules)
    : claim_(claim),
      store_(store),
      clock_(std::move(clock)),
      rules_(rules),
      remembered_(claim.queues.size()),
      waited_(claim.queues.size()) {
  RT_CHECK(!claim.queues.empty(), "there is always a queue");
  RT_CHECK(store.size() == claim.queues.size(), "the store is of the claim's queues");
}

Result<ReadCheckpoints> QueueCheckpoints::read() {
  auto texts = store_.read_all();
  if (!texts) return texts.error();
  RT_CHECK(texts->size() == claim_.queues.size(), "a record or none for each queue");
  ReadCheckpoints read;
  read.texts = std::move(*texts);
  read.unreadable.resize(read.texts.size());
  for (std::size_t q = 0; q < read.texts.size(); ++q) {
    read.queues.push_back({claim_.queues[q], std::nullopt, remembered_[q], waited_[q]});
    if (!read.texts[q]) continue;
    Result<Record> record = parse_record(*read.texts[q]);
    if (record) {
      read.queues[q].record = std::move(*record);
    } else {
      read.unreadable[q] = record.error();
    }
  }
  if (Status found = find_lists(read.queues); !found) return found.error();
  return read;
}

/// A record that has the digest of its lists alone gets the lists: ours, where they are the same, or those that
/// stand beside one of the records. Where they are nowhere it stays without.
Status QueueCheckpoints::find_lists(std::vector<QueueView>& queues) {
  const auto lacks_lists = [](const QueueView& queue) {
    return queue.record && !queue.record->filter.knows_its_lists();
  };
  for (QueueView& queue : queues) {
    if (!lacks_lists(queue) || queue.record->filter.digest != claim_.filter.digest) continue;
    queue.record->filter.tables = claim_.filter.tables;
    queue.record->filter.excluded = claim_.filter.excluded;
  }
  if (std::none_of(queues.begin(), queues.end(), lacks_lists)) return ok();
  const auto texts = store_.read_lists();
  if (!texts) return texts.error();
  for (QueueView& queue : queues) {
    for (std::size_t q = 0; lacks_lists(queue) && q < texts->size(); ++q) {
      if ((*texts)[q]) add_lists(queue.record->filter, *(*texts)[q]);
    }
  }
  return ok();
}

Result<bool> QueueCheckpoints::fence(const ReadCheckpoints& seen, std::vector<Record>& records) {
  RT_CHECK(records.size() == claim_.queues.size() && seen.texts.size() == records.size(),
           "a record for each queue");
  const std::uint64_t epoch = next_epoch(seen.queues, clock_(), rules_);
  auto expected = seen.texts;
  if (!rules_.expects_what_was_read) {
    if (auto now = store_.read_all()) expected = std::move(*now);
  }
  for (std::size_t q = 0; q < records.size(); ++q) {
    RT_CHECK(!seen.unreadable[q], "nothing is decided from what cannot be read");
    RT_CHECK(epoch > records[q].epoch || !rules_.raises_epoch, "an epoch goes up");
    records[q].epoch = epoch;
    if (!rules_.fences) continue;
    const auto fenced =
        store_.compare_and_set({q, expected[q], format_record(records[q]), format_lists(records[q].filter)});
    if (!fenced) return fenced.error();
    if (!fenced->swapped) return false;
  }
  return true;
}

void QueueCheckpoints::remember(std::size_t queue, Lsn restart, std::uint64_t number,
                                std::optional<std::uint64_t> waited) {
  RT_CHECK(queue < remembered_.size(), "one of the claim's queues");
  remembered_[queue] = Position{restart, number, std::nullopt, true};
  waited_[queue] = waited;
}

}  // namespace realtime
