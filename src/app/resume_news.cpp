#include "app/resume_news.hpp"

#include <algorithm>

#include "base/log.hpp"

namespace realtime {

void say_resume(const Owned& owned, const Config& config, ServiceBoard& board, PipelineMetrics& metrics) {
  for (const ResumeNotice& notice : owned.notices) {
    const std::string queue = notice.queue.empty() ? "all" : notice.queue;
    if (notice.loss) {
      log::error(notice.message, {{"slot", config.slot_name},
                                  {"queue", queue},
                                  {"from", to_string(notice.from)},
                                  {"lsn", to_string(notice.to)},
                                  {"remedy",
                                   "What is lost cannot be replayed: fetch it from the database again "
                                   "(re-index), then run hash-realtime accept-loss."}});
    } else {
      log::warn(notice.message,
                {{"slot", config.slot_name}, {"queue", queue}, {"lsn", to_string(notice.to)}});
    }
  }
  for (std::size_t q = 0; q < owned.plan.records.size(); ++q) {
    const std::string& loss = owned.plan.records[q].loss;
    board.set_degraded(q, loss);
    const auto news = std::count_if(owned.notices.begin(), owned.notices.end(), [&](const auto& notice) {
      return notice.loss && notice.queue == config.queues[q].name;
    });
    // A record remembers its losses over restarts of the service, the counter those that the record forgot.
    const auto remembered = loss.empty() ? 0 : 1 + std::count(loss.begin(), loss.end(), ',');
    Gauge& events = metrics.queues[q].lost_events;
    events.set(
        std::max(events.value() + static_cast<std::uint64_t>(news), static_cast<std::uint64_t>(remembered)));
  }
}

}  // namespace realtime
