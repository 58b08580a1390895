#pragma once

#include <atomic>

namespace realtime {

/// Who may step a stage: a lock that nobody waits for. A thread that does not get it says so on the way, and
/// the holder then knows that it must have the stage looked at again.
class Turn {
 public:
  /// True: the turn is the caller's until give_back(). False: it is somebody else's, who will learn that we
  /// asked. Acquire: what the last holder did to the stage is seen.
  bool take() {
    State expected = State::free;
    if (state_.compare_exchange_strong(expected, State::held, std::memory_order_acquire,
                                       std::memory_order_relaxed)) {
      return true;
    }
    // Held (or asked for already). Only a holder that is still there may be left a note.
    while (expected != State::asked) {
      const State desired = expected == State::free ? State::held : State::asked;
      const State seen = expected;
      if (state_.compare_exchange_weak(expected, desired, std::memory_order_acquire,
                                       std::memory_order_relaxed)) {
        return seen == State::free;
      }
    }
    return false;
  }
  /// True: somebody asked meanwhile. Release: the next holder sees what this one did.
  bool give_back() { return state_.exchange(State::free, std::memory_order_acq_rel) == State::asked; }

 private:
  enum class State { free, held, asked };
  /// Invariant: not free from a successful take() to its give_back(); asked only while held. RMW operations
  /// alone.
  std::atomic<State> state_{State::free};
};

}  // namespace realtime
