#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "simulation/faults.hpp"
#include "simulation/sim_clock.hpp"
#include "simulation/truth.hpp"

namespace realtime::sim {

/// A queue as Redis holds it. What was pushed is always compared with the truth first, so that how many it
/// holds, from which number on, says all.
struct HeldQueue {
  std::uint64_t first = 0;  ///< how many messages of the stream were before its time
  std::uint64_t size = 0;   ///< how many it holds, those left out for their size included
  std::optional<std::string> record;
  Position position;          ///< the record's
  std::uint64_t epoch = 0;    ///< the record's
  std::uint64_t version = 0;  ///< changes with every write: what WATCH sees
  int owner = 0;              ///< who has fenced it last
};

/// A client's connection as the server sees it.
struct Session {
  bool alive = true;
  std::uint64_t watched = 0;  ///< the queue's version when it was watched last
};

/// Messages first_number, first_number + 1, ... of the stream; their texts have been compared.
struct Delivery {
  std::uint64_t first_number = 0;
  std::uint64_t count = 0;
};

/// The one Redis of a case: queues and records change in one step, conditionally on WATCH; what is on the way
/// arrives later, whether or not the client still listens; a crash loses the last seconds and every
/// connection.
class FakeRedis {
 public:
  FakeRedis(const Truth& truth, SimClock& clock, const Sabotage& sabotage, Duration window)
      : truth_(truth), clock_(clock), sabotage_(sabotage), window_(window) {}

  std::vector<HeldQueue>& queues() { return queues_; }
  const std::vector<HeldQueue>& queues() const { return queues_; }
  void add_queue();

  /// MULTI, push, SET record, EXEC of `session`; false: nil, another client has written since the WATCH.
  /// `owner` may be unknown where Redis has forgotten who fenced whom.
  bool step(Session& session, std::size_t queue, const Delivery& delivery, const std::string& record,
            std::optional<int> owner);
  /// WATCH and GET.
  std::optional<std::string> watch(Session& session, std::size_t queue);
  /// A taker-over's script: compares and sets; false: the record was not `expected` any more.
  bool fence(std::size_t queue, const std::optional<std::string>& expected, const std::string& record,
             int owner);

  std::shared_ptr<Session> connect();
  /// Back to what it was at some moment within the replay window; every connection breaks.
  void forget(model::Chance& chance);
  /// Has `action` happen at `at`.
  void later(TimePoint at, std::function<void()> action) { arriving_.emplace(at, std::move(action)); }
  int forgets() const { return forgets_; }
  void run_due();
  TimePoint next_time() const { return arriving_.empty() ? TimePoint::max() : arriving_.begin()->first; }

  /// The heart of the oracle: whatever PostgreSQL will not send again once this is confirmed is in every
  /// queue, and still is when Redis falls back as far as the replay window promises to cover.
  void check_confirmed(Lsn confirmed) const;

 private:
  struct Snapshot {
    TimePoint at;
    std::vector<HeldQueue> queues;
  };
  void set_record(HeldQueue& queue, const std::string& text, bool taken_over);
  void changed();
  std::size_t oldest_covered() const;

  const Truth& truth_;
  SimClock& clock_;
  const Sabotage sabotage_;
  const Duration window_;
  std::vector<HeldQueue> queues_;
  std::deque<Snapshot> snapshots_;
  std::multimap<TimePoint, std::function<void()>> arriving_;
  std::vector<std::weak_ptr<Session>> sessions_;
  std::map<std::uint64_t, int> epochs_;  ///< ever used, and by whom, also where Redis has forgotten it
  std::uint64_t version_ = 0;
  int forgets_ = 0;
};

}  // namespace realtime::sim
