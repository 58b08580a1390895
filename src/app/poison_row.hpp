#pragma once

#include "realtime/error.hpp"
#include "realtime/output_plugin.hpp"

#include "base/stop_signal.hpp"
#include "config/config.hpp"
#include "wiring/wiring.hpp"

namespace realtime {

/// Completes the error of a row that the output plugin cannot write: PostgreSQL names only its LSN, and comes
/// back to it on every connection. wal2json's filter finds the table: it is the one that, streamed alone,
/// fails at that LSN; half of the monitored tables at a time. pgoutput tells it in the stream (see
/// poison_published.hpp). Nothing is confirmed, and the slot is held for a minute at most. Where the table is
/// not found (another instance that streams, no time) the LSN is all there is. Any other error stays as it
/// is. Blocks; ends when the stop signal comes.
Error with_poison_table(Error error, const Config& config, const Wiring& wiring, const Filter& filter,
                        const StopSignal& stop);

}  // namespace realtime
