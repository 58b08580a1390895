#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/service_board.hpp"
#include "redis/records.hpp"
#include "wiring/wiring.hpp"

namespace realtime {

/// Whether a person has accepted a loss beside us (`hash-realtime accept-loss`): the record in Redis bears its
/// mark no more, and a quiet stream would not read it for long. Asks for the records only while a loss is
/// marked. The daemon's thread; a Redis that does not answer holds it up for a second at most.
class AcceptedLoss {
 public:
  AcceptedLoss(const Config& config, const Wiring& wiring, const ServiceBoard& board,
               std::function<bool()> give_up);

  /// The queues whose loss was accepted, with commas between them; empty: none. Asks at most twice a second.
  std::string look(TimePoint now);
  /// The same, at once.
  std::string look_now();
  /// When look() should be called again; max(): nothing is marked.
  TimePoint next_due() const { return next_; }

 private:
  const Wiring& wiring_;
  const ServiceBoard& board_;
  const std::function<bool()> give_up_;
  std::vector<std::string> names_;
  std::optional<redis::RecordStore> store_;
  TimePoint next_ = TimePoint::max();
};

}  // namespace realtime
