#include "app/queue_records.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "realtime/checkpoint_text.hpp"

namespace realtime {

QueueRecords::QueueRecords(const Config& config, const Wiring& wiring, const StopSignal& stop)
    : config_(config), wiring_(wiring), stop_(stop), remembered_(config.queues.size()) {
  for (const QueueSpec& queue : config.queues) names_.push_back(queue.name);
}

redis::RecordStore QueueRecords::connect() const {
  return redis::RecordStore(wiring_.redis_endpoint(), [this] { return stop_.is_set(); });
}

Result<std::vector<QueueView>> QueueRecords::read() {
  auto texts = connect().read_all(names_);
  if (!texts) return texts.error();
  texts_ = std::move(*texts);
  std::vector<QueueView> queues;
  for (std::size_t q = 0; q < texts_.size(); ++q) {
    QueueView view{names_[q], std::nullopt, remembered_[q]};
    if (texts_[q]) {
      Result<Record> record = parse_record(*texts_[q]);
      if (!record) return Error{record.error().kind, "queue " + view.name + ": " + record.error().message};
      view.record = std::move(*record);
    }
    queues.push_back(std::move(view));
  }
  return queues;
}

/// Not merely the next number: where Redis forgot the last take-over, the next one must not look like it.
std::uint64_t QueueRecords::next_epoch() const {
  std::uint64_t epoch = 0;
  for (const auto& text : texts_) {
    const auto record = text ? parse_record(*text) : Result<Record>(Error{ErrorKind::record_unreadable, ""});
    if (record) epoch = std::max(epoch, record->epoch);
  }
  const auto clock = std::chrono::system_clock::now().time_since_epoch();
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(clock).count();
  return std::max(epoch + 1, static_cast<std::uint64_t>(std::max<std::int64_t>(0, milliseconds)));
}

Result<bool> QueueRecords::fence(std::vector<Record>& records) {
  redis::RecordStore store = connect();
  const std::uint64_t epoch = next_epoch();
  for (std::size_t q = 0; q < records.size(); ++q) {
    records[q].epoch = epoch;
    const auto replaced = store.replace(names_[q], texts_[q], format_record(records[q]));
    if (!replaced) return replaced.error();
    if (!replaced->replaced) return false;
  }
  return true;
}

void QueueRecords::refuse(const std::string& why) {
  redis::RecordStore store = connect();
  const auto texts = store.read_all(names_);
  if (!texts) return;
  for (std::size_t q = 0; q < texts->size(); ++q) {
    const auto& text = (*texts)[q];
    Result<Record> record =
        text ? parse_record(*text) : Result<Record>(Error{ErrorKind::record_unreadable, ""});
    if (!record || !record->refused.empty()) continue;
    record->refused = why;
    if (!store.replace(names_[q], text, format_record(*record))) return;
  }
}

void QueueRecords::remember(std::size_t queue, Lsn restart, std::uint64_t number) {
  remembered_[queue] = Position{restart, number, std::nullopt, true};
}

}  // namespace realtime
