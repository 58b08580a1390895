#include "app/pipeline_watch.hpp"

#include <algorithm>

namespace realtime {
namespace {

constexpr std::chrono::milliseconds kInterval{2'000};

}  // namespace

void PipelineWatch::begin(TimePoint now) {
  board_.set_server(ServerSeen::answers);
  server_.begin(now);
}

std::chrono::milliseconds PipelineWatch::pause(TimePoint now) const {
  const auto due = std::chrono::ceil<std::chrono::milliseconds>(server_.next_due() - now);
  return std::clamp(due, std::chrono::milliseconds::zero(), kInterval);
}

void PipelineWatch::look(Pipeline& pipeline, TimePoint now) {
  const bool stuck = look_at_queues(pipeline, now);
  const std::uint64_t heard = metrics_.reader.messages.value() + metrics_.reader.keepalives.value();
  if (const char* why = server_.look(board_.server(), heard, stuck, now)) pipeline.release_slot(why);
}

/// Whether a queue is stuck.
bool PipelineWatch::look_at_queues(Pipeline& pipeline, TimePoint now) {
  bool stuck = false;
  for (std::size_t q = 0; q < config_.queues.size(); ++q) {
    const auto trouble = pipeline.trouble(q);
    stuck = stuck || trouble;
    // A standby may reach what we cannot: after the lease the slot is free for it.
    const bool away = trouble && (trouble->error.kind == ErrorKind::redis_unreachable ||
                                  trouble->error.kind == ErrorKind::redis_timeout);
    if (away && now - trouble->since > config_.lease)
      pipeline.release_slot("Redis cannot be reached; another instance may try");
    board_.set_queue(
        q, trouble ? "stuck" : "streaming",
        trouble ? std::optional(trouble_facts(trouble->error, now - trouble->since)) : std::nullopt);
  }
  return stuck;
}

}  // namespace realtime
