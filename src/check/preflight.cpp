#include "check/preflight.hpp"

#include <functional>
#include <future>
#include <iterator>
#include <memory>
#include <thread>

#include "check/http_side.hpp"
#include "check/postgres_side.hpp"
#include "check/redis_side.hpp"
#include "ownership/look.hpp"
#include "ownership/slot_rule.hpp"

namespace realtime::preflight {
namespace {

using Steady = std::chrono::steady_clock;

/// Everything the threads use; it lives as long as the last of them.
struct Shared {
  Shared(const Config& its_config, int stop_fd)
      : config(its_config),
        wiring(config, nullptr),
        deadline(kWaitLimit, stop_fd),
        postgres(config, wiring, deadline),
        redis(config, wiring, deadline),
        http{config} {}

  const Config config;
  const Wiring wiring;
  const Deadline deadline;
  PostgresSide postgres;
  RedisSide redis;
  HttpSide http;
};

void say_resume(const Resume& resume, Notes& notes) {
  for (const ResumeNotice& notice : resume.notices) {
    const std::string text = (notice.queue.empty() ? "" : "queue " + notice.queue + ": ") + notice.message;
    if (notice.loss) {
      notes.error(text, "hash-realtime accept-loss");
    } else {
      notes.warning(text);
    }
  }
  notes.ok("the service goes on at " + to_string(resume.start) + ", after message " +
           std::to_string(resume.base.number));
}

/// The records against the slot, with the service's own words: what it would do if it started now.
void positions(Shared& shared, Notes& notes) {
  const PostgresSide& side = shared.postgres;
  const Claim claim = shared.wiring.claim();
  postgres::PostgresSlotSession session(*side.sql, shared.wiring.slot_server_options(shared.deadline.fd()),
                                        side.timelines);
  redis::RedisCheckpointStore store(shared.redis.store, shared.wiring.stored_queues());
  QueueCheckpoints checkpoints(claim, store, system_epoch_clock());
  const auto all = look_at_all(session, checkpoints, store, LookAtContents::yes);
  if (!all) return notes.unknown(all.error().message);
  for (std::size_t q = 0; q < claim.queues.size(); ++q) {
    const QueueView& queue = all->checkpoints.queues[q];
    const std::optional<Error>& unreadable = all->checkpoints.unreadable[q];
    const std::string name = "queue " + queue.name + ": ";
    if (unreadable) {
      notes.error(name + unreadable->message, std::string(unreadable->what_to_do()));
    } else if (!queue.record) {
      notes.ok(name + "no position yet");
    } else if (!queue.record->loss.empty()) {
      notes.error(name + "it has lost: " + queue.record->loss, "hash-realtime accept-loss");
    } else {
      notes.ok(name + "at " + to_string(queue.record->position.restart) + ", message " +
               std::to_string(queue.record->position.number) + ", epoch " +
               std::to_string(queue.record->epoch));
    }
    if (all->contents[q].last_id > (queue.record ? queue.record->position.number : 0)) {
      notes.error(Error{ErrorKind::queue_ids_higher, name + "the stream's last id " +
                                                         std::to_string(all->contents[q].last_id) +
                                                         " is above the last message of its record"});
    }
  }
  if (!all->all_readable() || mismatch_of(all->slot, claim) != SlotMismatch::none) return;
  const ResumeDecision decision = decide_resume(all->view(claim), all->checkpoints.queues, claim.filter);
  if (const auto* error = std::get_if<Error>(&decision)) return notes.error(*error);
  if (const auto* resume = std::get_if<Resume>(&decision)) return say_resume(*resume, notes);
  notes.ok("neither slot nor positions: the first start begins with what is committed from then on");
}

/// Runs one side on a thread of its own, which nobody has to wait for.
std::future<Findings> begin(std::shared_ptr<Shared> shared, Findings (*side)(Shared&)) {
  std::packaged_task<Findings()> task([shared = std::move(shared), side] { return side(*shared); });
  std::future<Findings> findings = task.get_future();
  std::thread(std::move(task)).detach();
  return findings;
}

bool take(std::future<Findings>& from, Steady::time_point until, std::string_view area, Findings& into) {
  if (from.wait_until(until) != std::future_status::ready) {
    Notes(area, "deadline", into).error("no answer in time, so nothing could be tried");
    return false;
  }
  Findings findings = from.get();
  into.insert(into.end(), std::make_move_iterator(findings.begin()), std::make_move_iterator(findings.end()));
  return true;
}

}  // namespace

Findings run(const Config& config, int stop_fd) {
  const auto until = Steady::now() + kHardLimit;
  const auto shared = std::make_shared<Shared>(config, stop_fd);
  auto postgres = begin(shared, [](Shared& both) { return check_postgres(both.postgres); });
  auto redis = begin(shared, [](Shared& both) { return check_redis(both.redis); });
  auto http = begin(shared, [](Shared& both) { return check_http(both.http); });
  Findings findings;
  const bool has_postgres = take(postgres, until, "postgres", findings);
  const bool has_redis = take(redis, until, "redis", findings);
  take(http, until, "http", findings);
  if (!has_postgres || !has_redis || !shared->postgres.reachable() || !shared->redis.reachable()) {
    Notes("positions", "position", findings).unknown("not compared: that takes a connection to both servers");
    return findings;
  }

  auto together = begin(shared, [](Shared& both) {
    Findings found;
    Notes notes("positions", "position", found);
    positions(both, notes);
    return found;
  });
  take(together, until, "positions", findings);
  return findings;
}

}  // namespace realtime::preflight
