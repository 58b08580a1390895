#pragma once

#include <string>

#include "realtime/lsn.hpp"
#include "realtime/output_plugin.hpp"
#include "realtime/result.hpp"

#include "base/clock.hpp"
#include "base/stop_signal.hpp"
#include "config/config.hpp"
#include "wiring/wiring.hpp"

namespace realtime {

/// Streams the slot for a while, again and again, to find out which row it fails on; confirms nothing. All
/// its trials together wait a minute at most. One thread.
class DecodeTrial {
 public:
  DecodeTrial(const Config& config, const Wiring& wiring, const StopSignal& stop)
      : config_(config), wiring_(wiring), stop_(stop) {}

  /// Streams with `plugin` from `at` (zero: from the slot's own position) until `until`: ok, or what ended
  /// it. A slot that is still in use is waited for.
  Status run(const OutputPlugin& plugin, Lsn at, Lsn until) const;

 private:
  const Config& config_;
  const Wiring& wiring_;
  const StopSignal& stop_;
  const TimePoint deadline_ = std::chrono::steady_clock::now() + std::chrono::minutes(1);
};

/// "0/498AA4D0": where in the log the row of a row_undecodable lies; empty: its context does not say.
std::string lsn_of_row(const Error& error);

}  // namespace realtime
