#include "app/daemon.hpp"

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <malloc.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "app/machine_budget.hpp"
#include "app/peers.hpp"
#include "app/poison_row.hpp"
#include "app/remedies.hpp"
#include "app/resume_news.hpp"
#include "base/log.hpp"
#include "redis/server_facts.hpp"

namespace realtime {
namespace {

constexpr Duration kDrainLimit = std::chrono::seconds(3);
constexpr Duration kLookAgain = std::chrono::milliseconds(300);

/// A descriptor that a pipeline's thread makes readable.
class Event {
 public:
  Event() : fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  }
  ~Event() { close(fd_); }
  void set() const {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto size = write(fd_, &one, sizeof one);
  }
  int fd() const { return fd_; }

 private:
  int fd_;
};

postgres::SlotServerOptions server_options(const Config& config, const Wiring& wiring, int stop_fd,
                                           DecodeWarnings& warnings) {
  postgres::SlotServerOptions options = wiring.slot_server_options(stop_fd);
  options.companion = owner_peer_prefix(config);
  options.dropped_without_identity = [&warnings](std::string_view table) {
    warnings.dropped_without_identity(table);
  };
  return options;
}

}  // namespace

Daemon::Daemon(const Config& config, const StopSignal& stop, ServiceBoard& board, PipelineMetrics& metrics,
               Watchdog& watchdog)
    : config_(config),
      stop_(stop),
      board_(board),
      metrics_(metrics),
      watchdog_(watchdog),
      warnings_(std::make_shared<DecodeWarnings>(config.slot_name, metrics.decoders)),
      wiring_(config, warnings_, [&board] { return board.types_version(); }),
      claim_(wiring_.claim()),
      server_(server_options(config, wiring_, stop.fd(), *warnings_)),
      store_(
          wiring_.redis_endpoint(), [&stop] { return stop.is_set(); }, wiring_.stored_queues()),
      takeover_(
          claim_,
          {.server = server_,
           .store = store_,
           .make_plugin =
               [this](const Filter& filter) { return wiring_.make_plugin(filter, longest_message()); },
           .on_phase = [&board](Phase phase, std::string_view detail) { board.set_phase(phase, detail); },
           .steady = clock_,
           .wait = [&stop](const Source& source) { return wait_for_stream(source, stop); }}),
      standby_(claim_, {.server = server_,
                        .clock = clock_,
                        .on_phase =
                            [&board](Phase phase, const std::optional<Error>& why) {
                              board.set_trouble(why);
                              board.set_phase(phase);
                            },
                        .pause = [this](Duration duration) { return pause(duration); }}),
      backoff_(static_cast<std::uint64_t>(getpid())),
      watch_(config, board, metrics),
      accepted_(config, wiring_, board, [&stop] { return stop.is_set(); }) {
  for (std::size_t q = 0; q < config.queues.size(); ++q) {
    troubles_.push_back(std::make_shared<QueueTroubles>(config.queues[q].name, metrics.queues[q],
                                                        static_cast<std::uint64_t>(getpid()) * 64 + q));
  }
}

int Daemon::run() {
  Next next = Next::own;
  while (next != Next::stop && next != Next::fail) next = stop_.is_set() ? Next::stop : step(next);
  board_.set_phase(next == Next::fail ? Phase::needs_person : Phase::stopping);
  if (next == Next::fail) return 1;
  log::info("stopped", {{"slot", config_.slot_name}});
  return 0;
}

Daemon::Next Daemon::step(Next next) {
  board_.beat();
  switch (next) {
    case Next::own:
      return own();
    case Next::stand_by:
      return stand_by();
    case Next::pause:
      return pause(backoff_.next()) ? Next::stop : Next::own;
    case Next::look_again:
      return pause(kLookAgain) ? Next::stop : Next::own;
    case Next::stop:
    case Next::fail:
      break;
  }
  return next;
}

Daemon::Next Daemon::own() {
  Result<Owned> owned = takeover_.attempt();
  if (!owned) {  // a row that cannot be written may come up while the records are proven
    const Error found = with_poison_table(owned.error(), config_, wiring_, claim_.filter, stop_);
    return judge(with_remedy(found, config_, wiring_, stop_.fd()));
  }
  say_resume(*owned, config_, board_, metrics_);
  if (!proof_.is_open()) recovered(clock_.now());
  try {
    return stream(std::move(*owned));
  } catch (const std::system_error& error) {  // a thread or a descriptor, of those that a pipeline needs
    return judge(denied_by_machine(config_, error.what()));
  }
}

/// What an error means for the service as a whole.
Daemon::Next Daemon::judge(const Error& error) {
  if (error.kind == ErrorKind::stopped || stop_.is_set()) return Next::stop;
  if (error.kind == ErrorKind::slot_active) return Next::stand_by;
  if (error.kind == ErrorKind::reconnect_wanted) {
    log::info("connecting again: " + error.message, {{"slot", config_.slot_name}});
    malloc_trim(0);
    return Next::own;
  }
  if (error.kind == ErrorKind::machine_limit && error.remedy.empty())
    return judge(denied_by_machine(config_, error.message));
  board_.set_trouble(error);
  switch (policy_of(error.kind).action) {
    case Action::stop:
      log::error(error.message, {{"error", std::string(policy_of(error.kind).name)},
                                 {"slot", config_.slot_name},
                                 {"remedy", std::string(error.what_to_do())}});
      return Next::fail;
    case Action::yield:
      log::warn("gave the slot up: " + error.message, {{"slot", config_.slot_name}});
      return Next::stand_by;
    case Action::retry:
      break;
  }
  say_failed(gate_, "takeover", error, clock_.now());
  board_.set_phase(Phase::waiting, error.message);
  return error.kind == ErrorKind::history_open ? Next::look_again : Next::pause;
}

PipelineSettings Daemon::settings_for(const Owned& owned) const {
  const Duration interval = std::min<Duration>(owned.owner_timeout / 3, config_.lease / 4);
  PipelineSettings settings;
  settings.max_in_flight_bytes = config_.max_in_flight_bytes;
  settings.decoder_threads = config_.decoder_threads;
  settings.acknowledger.status_interval = interval;
  settings.acknowledger.replay_window = config_.replay_window;
  settings.writer.record_interval = interval;
  settings.writer.replay_window = config_.replay_window;
  settings.writer.skip_oversize = config_.skip_oversize;
  settings.writer.beat_interval = config_.lease / 3;
  return settings;
}

Daemon::Next Daemon::stream(Owned owned) {
  const Event event;
  PipelineParts parts{
      std::move(owned.source),
      std::move(owned.plugin),
      {},
      troubles_,
      wiring_.make_log_hasher(owned, [this](bool gives) { metrics_.reader.without_log.set(gives ? 0 : 1); })};
  for (const QueueSpec& queue : config_.queues) parts.sinks.push_back(wiring_.make_sink(queue));
  Pipeline pipeline(settings_for(owned), owned.plan, std::move(parts), clock_, metrics_,
                    [&event] { event.set(); });
  const Watchdog::Watch watched(watchdog_, pipeline);
  pipeline.start();
  const TimePoint started = clock_.now();
  watch_.begin(started);
  begin_streaming(owned.plan, started);
  for (;;) {
    pollfd descriptors[2] = {{event.fd(), POLLIN, 0}, {stop_.fd(), POLLIN, 0}};
    poll(descriptors, 2, static_cast<int>(pause_of_stream(clock_.now()).count()));
    board_.beat();
    if (stop_.is_set()) return flush(pipeline);
    watch_.look(pipeline, clock_.now());
    if (const std::string queues = accepted_.look(clock_.now()); !queues.empty())
      return go_on_accepted(pipeline, queues);
    if (const auto error = pipeline.error()) return recover(pipeline, *error, owned.plan.filter, started);
    if (proof_.is_open() && proof_.is_shown(clock_.now(), received())) recovered(clock_.now());
    if (owned.reconnect_after && pipeline.recorded_by_all() >= *owned.reconnect_after) {
      log::info("every queue is at the same position: connecting again with the changed tables",
                {{"slot", config_.slot_name}});
      return Next::own;
    }
  }
}

Daemon::Next Daemon::flush(Pipeline& pipeline) {
  board_.set_phase(Phase::flushing);
  const bool flushed = pipeline.drain(clock_.now() + kDrainLimit);
  log::info(flushed ? "everything received was delivered"
                    : "not everything was delivered: the rest is replayed at the next start",
            {{"slot", config_.slot_name}, {"lsn", to_string(Lsn{metrics_.reader.confirmed_lsn.value()})}});
  return Next::stop;
}

/// A pipeline has failed: it is torn down, and what it knew is kept as far as the next take-over needs it.
/// What a person has accepted is in the records, which are read when the slot is taken over.
Daemon::Next Daemon::go_on_accepted(Pipeline& pipeline, const std::string& queues) {
  log::info("the loss was accepted (hash-realtime accept-loss), queue " + queues + ": connecting again",
            {{"slot", config_.slot_name}});
  pipeline.abort();
  remember_positions();
  return Next::own;
}

std::chrono::milliseconds Daemon::pause_of_watches() const {
  const TimePoint now = clock_.now();
  const auto pause = watch_.pause(now);
  if (accepted_.next_due() == TimePoint::max()) return pause;
  const auto due = std::chrono::ceil<std::chrono::milliseconds>(accepted_.next_due() - now);
  return std::clamp(due, std::chrono::milliseconds::zero(), pause);
}

Daemon::Next Daemon::recover(Pipeline& pipeline, const Error& error, const Filter& filter,
                             TimePoint started) {
  if (error.kind == ErrorKind::fenced) {  // by a person beside us, not by another owner
    if (const std::string queues = accepted_.look_now(); !queues.empty())
      return go_on_accepted(pipeline, queues);
  }
  pipeline.abort();
  remember_positions();
  metrics_.reconnects.add();
  if (!proof_.is_open() && clock_.now() - started > std::chrono::seconds(10)) backoff_.reset();
  if (error.kind != ErrorKind::reconnect_wanted) proof_.failed(clock_.now(), received());
  const Error found = with_poison_table(error, config_, wiring_, filter, stop_);
  return judge(with_remedy(found, config_, wiring_, stop_.fd()));
}

/// What Redis takes, as far as it tells at once: asked for each stream, since it can be changed any time.
std::optional<std::uint64_t> Daemon::longest_message() const {
  redis::Endpoint endpoint = wiring_.redis_endpoint();
  endpoint.silence = std::chrono::seconds(1);
  redis::Client client(std::move(endpoint), [this] { return stop_.is_set(); });
  return redis::ask_longest_message(client);
}

/// A stream after one that failed is not said to stream before it is shown to.
void Daemon::begin_streaming(const PipelinePlan& plan, TimePoint now) {
  proof_.begin(now);
  say_streaming(plan);
  if (proof_.is_open()) return;
  board_.set_trouble(std::nullopt);
  board_.set_phase(Phase::streaming);
}

/// What failed has worked.
void Daemon::recovered(TimePoint now) {
  say_worked(gate_, "takeover", now);
  if (!proof_.is_open()) return;
  proof_.shown();
  backoff_.reset();
  board_.set_trouble(std::nullopt);
  board_.set_phase(Phase::streaming);
}

/// How long a stream is left to itself.
std::chrono::milliseconds Daemon::pause_of_stream(TimePoint now) const {
  const std::chrono::milliseconds pause = pause_of_watches();
  if (!proof_.is_open()) return pause;
  // What is received is not announced: it is looked at now and then.
  const auto due = std::chrono::ceil<std::chrono::milliseconds>(proof_.next_due(received()) - now);
  return std::clamp(due, std::chrono::milliseconds(20), std::min(pause, std::chrono::milliseconds(200)));
}

/// Messages that waited in a queue when it was last looked at with its record there.
std::optional<std::uint64_t> Daemon::waited(std::size_t queue) const {
  const auto& metrics = metrics_.queues[queue];
  if (const auto waiting = board_.facts().queues[queue].waiting) return waiting;
  return metrics.length_known.value() != 0 ? std::optional(metrics.length.value()) : std::nullopt;
}

void Daemon::remember_positions() {
  for (std::size_t q = 0; q < config_.queues.size(); ++q) {
    takeover_.checkpoints().remember(q, Lsn{metrics_.queues[q].written_lsn.value()},
                                     metrics_.queues[q].written_number.value(), waited(q));
  }
}

void Daemon::say_streaming(const PipelinePlan& plan) const {
  log::write(proof_.is_open() ? log::Level::debug : log::Level::info, "streaming",
             {{"slot", config_.slot_name},
              {"lsn", to_string(plan.sequencer.start)},
              {"number", std::to_string(plan.sequencer.base.number), true},
              {"epoch", std::to_string(plan.records.front().epoch), true},
              {"tables", plan.filter.tables}});
}

Daemon::Next Daemon::stand_by() {
  // Another instance has slot and queues: what was wrong with them is its concern.
  proof_.shown();
  (void)gate_.worked("takeover", clock_.now());
  for (std::size_t q = 0; q < troubles_.size(); ++q) {
    troubles_[q]->let_go();
    board_.let_go_of_queue(q);
  }
  const Result<Standby::End> end = standby_.run();
  if (!end) return judge(with_remedy(end.error(), config_, wiring_, stop_.fd()));
  return *end == Standby::End::stopped ? Next::stop : Next::own;
}

}  // namespace realtime
