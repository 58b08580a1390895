#include "status/rates.hpp"

#include <algorithm>

namespace realtime {
namespace {

constexpr double kMicro = 1e-6;

/// The upper bound of the bucket in which the share `share` of the observations between two samples is
/// reached.
template <typename Buckets>
std::optional<double> quantile(const Buckets& from, const Buckets& to, double share) {
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < to.size(); ++i) total += to[i] - from[i];
  if (total == 0) return std::nullopt;
  const double wanted = share * static_cast<double>(total);
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < to.size(); ++i) {
    const std::uint64_t here = to[i] - from[i];
    if (here > 0 && static_cast<double>(below + here) >= wanted) {
      const double low = i == 0 ? 0 : static_cast<double>(Histogram::upper_bound_us(i - 1));
      const double high = static_cast<double>(Histogram::upper_bound_us(i));
      const double within = (wanted - static_cast<double>(below)) / static_cast<double>(here);
      return (low + (high - low) * within) * kMicro;
    }
    below += here;
  }
  return std::nullopt;
}

double share_of(double seconds, double of) {
  return of <= 0 ? 0 : std::clamp(seconds / of, 0.0, 1.0);
}

}  // namespace

void RateMeter::sample(const PipelineMetrics& metrics, Lsn server_lsn, TimePoint now) {
  Sample sample{now,
                server_lsn,
                metrics.reader.messages.value(),
                metrics.reader.bytes.value(),
                metrics.sequencer.changes.value(),
                metrics.reader.waited_postgres_us.value(),
                metrics.reader.waited_window_us.value(),
                metrics.decoders.busy_us.value(),
                {}};
  for (const auto& queue : metrics.queues) {
    QueueSample& q = sample.queues.emplace_back(QueueSample{queue.messages.value(),
                                                            queue.bytes.value(),
                                                            queue.waited_redis_us.value(),
                                                            queue.written_lsn.value(),
                                                            {}});
    for (std::size_t i = 0; i < q.latency.size(); ++i) q.latency[i] = queue.sent_to_written.bucket(i);
  }
  if (!samples_.empty() && samples_.back().queues.size() != sample.queues.size()) samples_.clear();
  samples_.push_back(std::move(sample));
  if (samples_.size() > kSamples) samples_.pop_front();
}

RateFacts RateMeter::rates(unsigned decoder_threads) const {
  RateFacts facts;
  if (samples_.empty()) return facts;
  facts.queues.resize(samples_.back().queues.size());
  const Sample& from = samples_.front();
  const Sample& to = samples_.back();
  const double seconds = std::chrono::duration<double>(to.at - from.at).count();
  if (seconds <= 0) return facts;
  const auto per_second = [seconds](std::uint64_t a, std::uint64_t b) {
    return b > a ? static_cast<double>(b - a) / seconds : 0.0;  // an LSN may go back after a replay
  };
  facts.received_messages = per_second(from.messages, to.messages);
  facts.received_bytes = per_second(from.bytes, to.bytes);
  facts.sequenced_messages = per_second(from.changes, to.changes);
  facts.waiting_postgres = share_of(per_second(from.waited_postgres_us, to.waited_postgres_us) * kMicro, 1);
  facts.waiting_window = share_of(per_second(from.waited_window_us, to.waited_window_us) * kMicro, 1);
  facts.decoders_busy = share_of(per_second(from.decoders_busy_us, to.decoders_busy_us) * kMicro,
                                 std::max(1u, decoder_threads));
  if (from.server_lsn) facts.written_by_server_bytes = per_second(from.server_lsn.value, to.server_lsn.value);
  std::uint64_t taken_from = UINT64_MAX, taken_to = UINT64_MAX;
  for (std::size_t i = 0; i < to.queues.size(); ++i) {
    const QueueSample& a = from.queues[i];
    const QueueSample& b = to.queues[i];
    taken_from = std::min(taken_from, a.written_lsn);
    taken_to = std::min(taken_to, b.written_lsn);
    facts.queues[i] = {per_second(a.messages, b.messages), per_second(a.bytes, b.bytes),
                       share_of(per_second(a.waited_us, b.waited_us) * kMicro, 1),
                       quantile(a.latency, b.latency, 0.5), quantile(a.latency, b.latency, 0.99)};
  }
  if (!to.queues.empty() && taken_from != 0) facts.released_lsn_bytes = per_second(taken_from, taken_to);
  return facts;
}

LimitFacts limited_by(const RateFacts& rates, const PipelineMetrics& metrics, bool behind) {
  // With a full window and a queue that takes nothing no message is received, and yet something is waited
  // for.
  for (const auto& queue : metrics.queues) {
    if (queue.stuck.value() != 0) return {LimitFacts::By::queue, queue.name};
  }
  if (!behind && rates.received_messages <= 0 && rates.waiting_window < 0.5) return {};
  if (rates.waiting_window > 0.2) {
    // A stuck queue is the cause even where another stands further back: that one may be about to catch up.
    const auto rank = [&](std::size_t i) {
      const auto& queue = metrics.queues[i];
      return std::pair(queue.stuck.value() == 0, queue.written_lsn.value());
    };
    std::size_t slowest = 0;
    for (std::size_t i = 1; i < metrics.queues.size(); ++i) {
      if (rank(i) < rank(slowest)) slowest = i;
    }
    if (rates.decoders_busy > 0.9) return {LimitFacts::By::decoders, {}};
    if (slowest < metrics.queues.size()) return {LimitFacts::By::queue, metrics.queues[slowest].name};
  }
  if (rates.waiting_postgres > 0.5) return {LimitFacts::By::postgres, {}};
  return {};
}

std::optional<double> catch_up_seconds(std::uint64_t lag_bytes, const RateFacts& rates) {
  const double gain = rates.released_lsn_bytes - rates.written_by_server_bytes;
  if (gain <= 0) return std::nullopt;
  return static_cast<double>(lag_bytes) / gain;
}

void LagClock::saw(Lsn server_lsn, TimePoint now) {
  if (!marks_.empty() && marks_.back().lsn == server_lsn) return;
  if (!marks_.empty() && server_lsn < marks_.back().lsn) marks_.clear();  // another server, or a restored one
  if (marks_.size() == kMarks) {  // keep every second one: coarser, and still as far back
    std::deque<Mark> thinned;
    for (std::size_t i = 0; i < marks_.size(); i += 2) thinned.push_back(marks_[i]);
    marks_ = std::move(thinned);
  }
  marks_.push_back({server_lsn, now});
}

double LagClock::seconds_behind(Lsn taken, TimePoint now) {
  while (!marks_.empty() && marks_.front().lsn <= taken && (marks_.size() > 1)) marks_.pop_front();
  if (marks_.empty() || marks_.front().lsn <= taken) return 0;
  return std::max(0.0, std::chrono::duration<double>(now - marks_.front().at).count());
}

}  // namespace realtime
