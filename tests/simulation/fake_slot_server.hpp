#pragma once

#include <functional>
#include <memory>
#include <string>

#include "realtime/log_witness.hpp"
#include "realtime/slot_server.hpp"

#include "ownership/claim.hpp"
#include "simulation/fake_postgres.hpp"

namespace realtime::sim {

/// The life of a process that wants to own the slot: what its calls share. Every call lets time pass first,
/// in which the others do something, and from some call on a process that is killed gets no answer any more.
struct Life {
  int owner = 0;          ///< who it is, for the oracle
  bool has_lock = false;  ///< this try at the slot has got it
  int calls_left = -1;    ///< until it is killed; below zero: it is not
  std::function<void()> meanwhile = [] {};

  /// A call begins. An error: the process is dead.
  std::optional<Error> call() {
    if (calls_left == 0) return Error{ErrorKind::stopped, "killed"};
    if (calls_left > 0) --calls_left;
    meanwhile();
    return std::nullopt;
  }
};

/// FakePostgres as ownership knows it. Connections fail, the server restarts between two questions, the slot
/// is taken between the look at it and the start, and a slot may be made although the answer is lost.
class FakeSlotServer final : public SlotServer {
 public:
  FakeSlotServer(FakePostgres& server, Life& life) : server_(server), life_(life) {}

  Result<std::unique_ptr<SlotSession>> connect() override;
  Result<std::unique_ptr<SlotObserver>> observe() override;

 private:
  FakePostgres& server_;
  Life& life_;
};

/// What the log is made of before a position: there is one log.
LogHash sim_log_hash(Lsn at, std::uint32_t bytes);

/// Knows the log at once, or a moment later; now and then it does not for a while.
class SimWitness final : public LogWitness {
 public:
  explicit SimWitness(model::Chance& chance) : chance_(chance) {}
  Told ask(Lsn at) override {
    if (chance_.happens(0.3)) return {Answer::pending, {}};
    if (chance_.happens(0.1)) return {Answer::not_now, {}};
    return {Answer::known, sim_log_hash(at, kMostLogBytes)};
  }

 private:
  model::Chance& chance_;
};

/// The history that a case plays in, and what its instances want to own.
History sim_history();
Claim sim_claim(std::size_t queues, std::chrono::milliseconds lease);

}  // namespace realtime::sim
