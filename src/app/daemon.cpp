#include "app/daemon.hpp"

#include <malloc.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "app/poison_row.hpp"
#include "app/remedies.hpp"
#include "base/log.hpp"

namespace realtime {
namespace {

constexpr Duration kDrainLimit = std::chrono::seconds(3);

/// A descriptor that a pipeline's thread makes readable.
class Event {
 public:
  Event() : fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  ~Event() { close(fd_); }
  void set() const {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto size = write(fd_, &one, sizeof one);
  }
  int fd() const { return fd_; }

 private:
  int fd_;
};

}  // namespace

Daemon::Daemon(const Config& config, const StopSignal& stop, ServiceBoard& board, PipelineMetrics& metrics)
    : config_(config),
      stop_(stop),
      board_(board),
      metrics_(metrics),
      warnings_(std::make_shared<DecodeWarnings>(config.slot_name, metrics.decoders)),
      wiring_(config, warnings_),
      takeover_(config, wiring_, stop, board, metrics,
                [this](std::string_view table) { warnings_->dropped_without_identity(table); }),
      standby_(config, wiring_, stop, board),
      backoff_(static_cast<std::uint64_t>(getpid())),
      watch_(config, board, metrics) {}

int Daemon::run() {
  Next next = Next::again;
  while (next != Next::stop && next != Next::fail) {
    if (stop_.is_set()) break;
    next = next == Next::standby ? stand_by() : own();
  }
  board_.set_role(Role::stopping, next == Next::fail ? "stopped: needs a person" : "stopping");
  if (next == Next::fail) return 1;
  log::info("stopped", {{"slot", config_.slot_name}});
  return 0;
}

Daemon::Next Daemon::own() {
  Result<Owned> owned = takeover_.attempt();
  if (!owned) return judge(with_remedy(owned.error(), config_, wiring_, stop_.fd()));
  say_worked(gate_, "takeover", clock_.now());
  return stream(std::move(*owned));
}

/// What an error means for the service as a whole.
Daemon::Next Daemon::judge(const Error& error) {
  if (error.kind == ErrorKind::stopped || stop_.is_set()) return Next::stop;
  if (error.kind == ErrorKind::slot_active) return Next::standby;
  if (error.kind == ErrorKind::reconnect_wanted) {
    log::info("streaming anew: " + error.message, {{"slot", config_.slot_name}});
    malloc_trim(0);
    return Next::again;
  }
  board_.set_trouble(error);
  switch (policy_of(error.kind).action) {
    case Action::stop:
      log::error(error.message, {{"error", std::string(policy_of(error.kind).name)},
                                 {"slot", config_.slot_name},
                                 {"remedy", std::string(error.what_to_do())}});
      return Next::fail;
    case Action::yield:
      log::warn("gave the slot up: " + error.message, {{"slot", config_.slot_name}});
      return Next::standby;
    case Action::retry:
      break;
  }
  say_failed(gate_, "takeover", error, clock_.now());
  board_.set_state("waiting: " + error.message);
  return pause(backoff_.next()) ? Next::stop : Next::again;
}

Daemon::Next Daemon::stream(Owned owned) {
  const Event event;
  PipelineSettings settings;
  settings.max_in_flight_bytes = config_.max_in_flight_bytes;
  settings.decoder_threads = config_.decoder_threads;
  settings.acknowledger.status_interval = owned.status_interval;
  settings.acknowledger.replay_window = config_.replay_window;
  settings.writer.record_interval = owned.status_interval;
  settings.writer.replay_window = config_.replay_window;
  const auto reconnect_after = owned.reconnect_after;
  const Position base = owned.plan.sequencer.base;

  Pipeline pipeline(settings, owned.plan, std::move(owned.parts), clock_, metrics_,
                    [&event] { event.set(); });
  pipeline.start();
  const TimePoint started = clock_.now();
  watch_.begin(started);
  board_.set_trouble(std::nullopt);
  board_.set_role(Role::owner, "streaming");
  log::info("streaming", {{"slot", config_.slot_name},
                          {"lsn", to_string(owned.plan.sequencer.start)},
                          {"number", std::to_string(base.number), true},
                          {"epoch", std::to_string(owned.plan.records.front().epoch), true},
                          {"tables", owned.plan.filter.tables}});
  for (;;) {
    pollfd descriptors[2] = {{event.fd(), POLLIN, 0}, {stop_.fd(), POLLIN, 0}};
    poll(descriptors, 2, static_cast<int>(watch_.pause(clock_.now()).count()));
    if (stop_.is_set()) {
      board_.set_role(Role::stopping, "flushing");
      const bool flushed = pipeline.drain(clock_.now() + kDrainLimit);
      log::info(
          flushed ? "everything received was delivered"
                  : "not everything was delivered: the rest is replayed at the next start",
          {{"slot", config_.slot_name}, {"lsn", to_string(Lsn{metrics_.reader.confirmed_lsn.value()})}});
      return Next::stop;
    }
    watch_.look(pipeline, clock_.now());
    if (const auto error = pipeline.error()) {
      pipeline.abort();
      remember_positions();
      metrics_.reconnects.add();
      if (clock_.now() - started > std::chrono::seconds(10)) backoff_.reset();
      if (error->kind == ErrorKind::gap || error->kind == ErrorKind::other_history)
        takeover_.records().refuse(error->message);
      const Error found = with_poison_table(*error, config_, wiring_, owned.plan.filter, stop_);
      return judge(with_remedy(found, config_, wiring_, stop_.fd()));
    }
    if (reconnect_after && pipeline.recorded_by_all() >= *reconnect_after) {
      log::info("every queue is level: streaming anew with the changed tables",
                {{"slot", config_.slot_name}});
      return Next::again;
    }
  }
}

void Daemon::remember_positions() {
  for (std::size_t q = 0; q < config_.queues.size(); ++q) {
    takeover_.records().remember(q, Lsn{metrics_.queues[q].written_lsn.value()},
                                 metrics_.queues[q].written_number.value());
  }
}

Daemon::Next Daemon::stand_by() {
  const Result<Standby::End> end = standby_.run();
  if (!end) return judge(end.error());
  return *end == Standby::End::stopped ? Next::stop : Next::again;
}

}  // namespace realtime
