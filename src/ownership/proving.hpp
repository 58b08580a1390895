#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "realtime/output_plugin.hpp"
#include "realtime/slot_server.hpp"
#include "realtime/source.hpp"

#include "base/clock.hpp"
#include "ownership/claim.hpp"
#include "ownership/history_proof.hpp"
#include "ownership/look.hpp"

namespace realtime {

/// Waits until the stream has something to read, or for a moment; stopped where the stop signal came.
using WaitForStream = std::function<Status(const Source&)>;

/// Asks the server for its log and for transactions, as far as the proof wants to know; then the proof says
/// whether it is refused.
Status ask_server(SlotSession& session, HistoryProof& proof);

/// Reads the stream until it has brought what the records demand, and keeps what it reads, so that nothing
/// need be asked for again: a Source that begins where the stream began. What is read beyond `most_kept` bytes
/// is counted and compared only; then `kept` of the answer is false, and the stream is to be begun anew.
///
/// Nothing is confirmed meanwhile; the server is told that we live. One thread.
struct Proven {
  std::unique_ptr<Source> stream;
  bool kept = true;
};
Result<Proven> prove_stream(std::unique_ptr<Source> stream, const OutputPlugin& plugin, StreamDemand& proof,
                            const WaitForStream& wait, const Clock& clock, std::size_t most_kept);

/// Why each queue's record is of another history, asked alone; none: it is not known to be. For accept-loss,
/// while nobody streams. `make_plugin` as Takeover's.
Result<std::vector<std::optional<Error>>> prove_each(
    SlotServer& server, const Look& look, const Claim& claim,
    const std::function<std::shared_ptr<const OutputPlugin>(const Filter&)>& make_plugin,
    const WaitForStream& wait, const Clock& clock);

}  // namespace realtime
