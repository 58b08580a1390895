#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "realtime/error.hpp"

#include "base/clock.hpp"

namespace realtime {

/// Decides when a trouble is worth a line: when it begins, when it turns into another kind, at most once a
/// minute while it lasts, and once when it is over. A trouble belongs to a subject ("postgres", "queue
/// search"). Pure: the caller brings the time and writes the line (say_failed, say_worked). One thread at a
/// time.
class RepeatGate {
 public:
  explicit RepeatGate(Duration repeat = std::chrono::minutes(1)) : repeat_(repeat) {}

  struct Trouble {
    bool say = false;         ///< write a line now
    bool begins = false;      ///< the subject worked before
    Duration lasted{};        ///< since it began
    std::uint64_t times = 0;  ///< failures of the subject since it began, this one included
    ErrorKind kind{};         ///< of the last failure
  };
  Trouble failed(std::string_view subject, ErrorKind kind, TimePoint now);

  /// The subject works. Gives how long and how often it failed, where it did.
  std::optional<Trouble> worked(std::string_view subject, TimePoint now);

  /// Subjects that are kept apart; beyond it the one that failed first is forgotten.
  static constexpr std::size_t kMaxSubjects = 256;

 private:
  static constexpr std::size_t kKinds = static_cast<std::size_t>(ErrorKind::stopped) + 1;
  struct State {
    TimePoint since;
    std::uint64_t times = 0;
    std::array<TimePoint, kKinds> said;  ///< min(): not yet in this trouble
    ErrorKind last{};
  };

  Duration repeat_;
  std::map<std::string, State, std::less<>> troubles_;
};

/// Tells the gate and, where it says so, writes the line: warn (error where the policy is to stop), with
/// `error`, `subject`, `remedy`, and how long and how often.
void say_failed(RepeatGate& gate, std::string_view subject, const Error& error, TimePoint now);
/// Tells the gate; one info line if a trouble ends by it.
void say_worked(RepeatGate& gate, std::string_view subject, TimePoint now);

}  // namespace realtime
