#include "simulation/fake_redis.hpp"

#include <algorithm>

#include "realtime/checkpoint_text.hpp"

namespace realtime::sim {

void FakeRedis::add_queue() {
  queues_.emplace_back();
  changed();
}

bool FakeRedis::step(Session& session, std::size_t index, const Delivery& delivery, const std::string& record,
                     std::optional<int> owner) {
  HeldQueue& queue = queues_[index];
  if (session.watched != queue.version && !sabotage_.no_watch) return false;
  if (owner && *owner != queue.owner)
    truth_.red("an owner that was replaced has written to queue " + std::to_string(index));
  if (delivery.count > 0) {
    const std::uint64_t expected = queue.first + queue.size + 1;
    if (delivery.first_number != expected) {
      truth_.red("queue " + std::to_string(index) + " takes message " +
                 std::to_string(delivery.first_number) + " after " + std::to_string(expected - 1));
    }
    queue.size += delivery.count;
  }
  if (sabotage_.record_apart && version_ % 13 == 0) return changed(), true;
  set_record(queue, record, false);
  changed();
  return true;
}

void FakeRedis::set_record(HeldQueue& queue, const std::string& text, bool taken_over) {
  const Result<Record> parsed = parse_record(text);
  if (!parsed) return truth_.red("a record that cannot be read: " + text);
  const Position& position = parsed->position;
  if (taken_over && !queue.record) queue.first = position.number;
  if (parsed->epoch < queue.epoch) truth_.red("a record's epoch went back: " + text);
  if (!taken_over && position.restart < queue.position.restart)
    truth_.red("a record's restart LSN went back: " + text);
  if (position.number != queue.first + queue.size) {
    truth_.red("the record says " + std::to_string(position.number) + ", the queue holds up to " +
               std::to_string(queue.first + queue.size));
  }
  if (position.number > 0 && position.number <= truth_.count() &&
      position.last != truth_.messages[position.number - 1].identity) {
    truth_.red("the record's last message is not message " + std::to_string(position.number) + ": " + text);
  }
  if (!truth_.restart_covers(position.restart, position.number)) {
    truth_.red("a stream from the record's LSN misses what follows it: " + text);
  }
  queue.record = text;
  queue.position = position;
  queue.epoch = parsed->epoch;
  queue.version = ++version_;
}

std::optional<std::string> FakeRedis::watch(Session& session, std::size_t queue) {
  session.watched = queues_[queue].version;
  return queues_[queue].record;
}

bool FakeRedis::fence(std::size_t index, const std::optional<std::string>& expected,
                      const std::string& record, int owner) {
  HeldQueue& queue = queues_[index];
  if (queue.record != expected) return false;
  if (const Result<Record> parsed = parse_record(record); parsed && !sabotage_.no_fencing) {
    const int user = epochs_.emplace(parsed->epoch, owner).first->second;
    if (user != owner) truth_.red("two owners have epoch " + std::to_string(parsed->epoch));
  }
  if (!sabotage_.no_fencing || !queue.record) set_record(queue, record, true);
  queue.owner = owner;
  changed();
  return true;
}

std::shared_ptr<Session> FakeRedis::connect() {
  auto session = std::make_shared<Session>();
  std::erase_if(sessions_, [](const auto& old) { return old.expired(); });
  sessions_.push_back(session);
  return session;
}

void FakeRedis::changed() {
  snapshots_.push_back({clock_.now(), queues_});
  const std::size_t oldest = oldest_covered();
  snapshots_.erase(snapshots_.begin(), snapshots_.begin() + static_cast<std::ptrdiff_t>(oldest));
}

/// The newest moment that is at least the replay window ago: how far a crash may go back.
std::size_t FakeRedis::oldest_covered() const {
  std::size_t oldest = 0;
  while (oldest + 1 < snapshots_.size() && snapshots_[oldest + 1].at <= clock_.now() - window_) ++oldest;
  return oldest;
}

void FakeRedis::forget(model::Chance& chance) {
  const auto least = static_cast<int>(oldest_covered()), most = static_cast<int>(snapshots_.size()) - 1;
  const auto back_to = static_cast<std::size_t>(chance.happens(0.4) ? least : chance.between(least, most));
  snapshots_.resize(back_to + 1);
  const std::size_t count = queues_.size();
  queues_ = snapshots_.back().queues;
  queues_.resize(count);
  for (HeldQueue& queue : queues_) queue.version = ++version_;
  arriving_.clear();
  ++forgets_;
  for (const auto& session : sessions_) {
    if (const auto one = session.lock()) one->alive = false;
  }
  changed();
}

void FakeRedis::run_due() {
  while (!arriving_.empty() && arriving_.begin()->first <= clock_.now()) {
    const auto action = std::move(arriving_.begin()->second);
    arriving_.erase(arriving_.begin());
    action();
  }
}

void FakeRedis::check_confirmed(Lsn confirmed) const {
  const std::uint64_t gone = truth_.gone_after(confirmed);
  const auto check = [&](const std::vector<HeldQueue>& queues, const char* when) {
    for (std::size_t q = 0; q < queues.size(); ++q) {
      const HeldQueue& queue = queues[q];
      if (!queue.record) continue;  // it begins when its record is written
      if (queue.first + queue.size < gone || queue.position.restart < confirmed) {
        truth_.red("confirmed " + to_string(confirmed) + ", after which messages up to " +
                   std::to_string(gone) + " never come again; queue " + std::to_string(q) + when + " up to " +
                   std::to_string(queue.first + queue.size) + ", its record at " +
                   to_string(queue.position.restart));
      }
    }
  };
  check(queues_, " holds them");
  for (std::size_t i = oldest_covered(); i < snapshots_.size(); ++i) {
    check(snapshots_[i].queues, ", as Redis may yet come back, holds them");
  }
}

}  // namespace realtime::sim
