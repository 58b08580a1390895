#include "ownership/proving.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "ownership/kept_stream.hpp"

namespace realtime {
namespace {

constexpr Duration kStatusInterval = std::chrono::seconds(1);

/// The changes and marks of a decoded frame, in stream order.
void hear(const Frame& frame, StreamDemand& proof) {
  std::size_t mark = 0;
  const auto pass_marks = [&](std::size_t up_to) {
    for (; mark < frame.marks.size() && frame.marks[mark].after <= up_to; ++mark) {
      const Mark& one = frame.marks[mark];
      if (one.kind == Mark::Kind::begin) {
        proof.begin(one.xid, one.committed_us);
      } else {
        proof.keepalive(one.lsn);
      }
    }
  };
  for (std::size_t i = 0; i < frame.changes.size(); ++i) {
    pass_marks(i);
    const Change& change = frame.changes[i];
    proof.message(change.xid, change.lsn, change.committed_us);
  }
  pass_marks(frame.changes.size());
}

/// What has been read, as it came, up to a bound.
class Keep {
 public:
  explicit Keep(std::size_t most) : most_(most) {}

  void take(const Frame& frame) {
    if (frame.events().empty() || !whole_) return;
    bytes_ += frame.footprint();
    whole_ = bytes_ <= most_ && !frame.holds_large_message();
    if (!whole_) return frames_.clear();
    auto copy = std::make_unique<Frame>(frame.fitting_arena());
    frame.copy_to(*copy);
    frames_.push_back(std::move(copy));
  }
  bool is_whole() const { return whole_; }
  std::deque<std::unique_ptr<Frame>> frames() { return std::move(frames_); }

 private:
  const std::size_t most_;
  std::deque<std::unique_ptr<Frame>> frames_;
  std::size_t bytes_ = 0;
  bool whole_ = true;
};

Lsn furthest_of(const Frame& frame) {
  Lsn furthest;
  for (const Frame::Event& event : frame.events()) furthest = std::max(furthest, event.lsn);
  return furthest;
}

}  // namespace

Status ask_server(SlotSession& session, HistoryProof& proof) {
  for (const HistoryProof::LogQuestion& question : std::vector(proof.log_questions())) {
    const auto hash = session.hash_log(question.at, question.bytes, question.timeline);
    if (!hash) return hash.error();
    proof.hear_log(question, *hash);
  }
  for (const std::uint32_t xid : proof.status_questions()) {
    const Result<TransactionStatus> status = session.status_of(xid);
    if (!status) return status.error();
    proof.hear_status(xid, *status);
  }
  return ok();
}

Result<Proven> prove_stream(std::unique_ptr<Source> stream, const OutputPlugin& plugin, StreamDemand& proof,
                            const WaitForStream& wait, const Clock& clock, std::size_t most_kept) {
  Keep keep(most_kept);
  Frame frame;
  Lsn received;
  TimePoint told{};
  const auto decoder = plugin.make_decoder();
  while (!proof.is_proven()) {
    const Result<Drained> drained = stream->drain(frame);
    keep.take(frame);
    received = std::max(received, furthest_of(frame));
    if (Status decoded = decoder->decode(frame); !decoded) return decoded.error();
    hear(frame, proof);
    if (proof.refused()) return *proof.refused();
    if (!drained) return drained.error();
    if (*drained == Drained::ended)
      return Error{ErrorKind::postgres_starting, "the server ended the stream: it is stopping"};
    frame.clear();
    const TimePoint now = clock.now();
    if (told == TimePoint{} || now - told >= kStatusInterval) {
      told = now;
      if (Status sent = stream->send_status(received, {}, false); !sent) return sent.error();
    }
    if (*drained == Drained::emptied && !proof.is_proven()) {
      if (Status waited = wait(*stream); !waited) return waited.error();
    }
  }
  if (!keep.is_whole()) {
    stream->close();
    return Proven{std::move(stream), false};
  }
  auto frames = keep.frames();
  if (frames.empty()) return Proven{std::move(stream)};
  return Proven{std::make_unique<KeptStream>(std::move(stream), std::move(frames))};
}

namespace {

/// One queue's record alone. An error of kind other_history: it is none of this server's.
Status prove_alone(SlotServer& server, const Look& look, const QueueView& queue, const Claim& claim,
                   const std::function<std::shared_ptr<const OutputPlugin>(const Filter&)>& make_plugin,
                   const WaitForStream& wait, const Clock& clock) {
  const ServerView view = look.view(claim);
  const ResumeDecision decision = decide_resume(view, {queue}, claim.filter);
  const auto* resume = std::get_if<Resume>(&decision);
  if (resume == nullptr) return ok();  // refused for another reason, which is said without us
  HistoryProof proof(view, {queue}, *resume);
  auto session = server.connect();
  if (!session) return session.error();
  if (Status asked = ask_server(**session, proof); !asked) return asked.error();
  if (proof.refused()) return *proof.refused();
  StreamDemand demanded = proof.stream_demand();
  if (demanded.is_proven()) return ok();
  const auto plugin = make_plugin(resume->filter);
  auto stream = (*session)->stream_from({proof.start(), resume->transactions}, *plugin);
  if (!stream) return stream.error();
  const auto proven = prove_stream(std::move(*stream), *plugin, demanded, wait, clock, 0);
  if (!proven) return proven.error();
  return ok();
}

}  // namespace

Result<std::vector<std::optional<Error>>> prove_each(
    SlotServer& server, const Look& look, const Claim& claim,
    const std::function<std::shared_ptr<const OutputPlugin>(const Filter&)>& make_plugin,
    const WaitForStream& wait, const Clock& clock) {
  std::vector<std::optional<Error>> foreign(look.checkpoints.queues.size());
  if (!look.slot.exists || look.slot.lost() || look.slot.active) return foreign;
  for (std::size_t q = 0; q < foreign.size(); ++q) {
    const QueueView& queue = look.checkpoints.queues[q];
    if (!queue.record) continue;
    const Status alone = prove_alone(server, look, queue, claim, make_plugin, wait, clock);
    if (alone) continue;
    if (alone.error().kind != ErrorKind::other_history) return alone.error();
    foreign[q] = alone.error();
  }
  return foreign;
}

}  // namespace realtime
