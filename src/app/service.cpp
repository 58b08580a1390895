#include "app/service.hpp"

#include <algorithm>
#include <system_error>
#include <thread>

#include <malloc.h>

#include "app/daemon.hpp"
#include "app/keep_secrets.hpp"
#include "app/machine_budget.hpp"
#include "app/monitor.hpp"
#include "app/watchdog.hpp"
#include "base/log.hpp"
#include "check/preflight.hpp"
#include "http/listen_address.hpp"
#include "http/server.hpp"
#include "http/service_routes.hpp"

namespace realtime {
namespace {

constexpr Duration kAdviceDelay = std::chrono::milliseconds(500);  // the stream comes first
constexpr std::chrono::milliseconds kLastWords{500};               // for the log's last lines

http::Readiness readiness_of(const ServiceFacts& facts) {
  http::Readiness ready;
  ready.state = facts.state;
  const auto stuck = std::find_if(facts.queues.begin(), facts.queues.end(),
                                  [](const auto& queue) { return queue.state == "stuck"; });
  const TroubleFacts* trouble = facts.trouble ? &*facts.trouble : nullptr;
  if (!trouble && facts.role == Role::owner && stuck != facts.queues.end() && stuck->trouble)
    trouble = &*stuck->trouble;
  ready.ok = !trouble && (facts.role == Role::owner || facts.role == Role::standby);
  if (trouble) {
    ready.error = trouble->error;
    ready.reason = trouble->message;
    ready.remedy = trouble->remedy;
  } else if (!ready.ok) {
    ready.reason = facts.state;
  }
  return ready;
}

void log_start(const Config& config) {
  log::info("hash-realtime " REALTIME_VERSION " starts", {{"slot", config.slot_name},
                                                          {"tables", config.tables.canonical()},
                                                          {"excluded", config.excluded_tables.canonical()}});
  for (const EffectiveSetting& setting : config.effective) {
    log::debug("setting", {{"name", std::string(setting.variable)}, {"value", setting.value}});
  }
  for (const std::string& warning : config.warnings) log::warn(warning);
}

/// What keeps the service from its work just now: the daemon has said it.
bool is_said(const preflight::Finding& finding, const std::optional<TroubleFacts>& trouble) {
  if (!trouble) return false;
  const bool same_remedy = !finding.remedy.empty() && finding.remedy == trouble->remedy;
  return same_remedy || finding.what == trouble->message;
}

/// What `hash-realtime check` would warn of.
void advise(const Config& config, const StopSignal& stop, ServiceBoard& board) {
  if (stop.wait_until(std::chrono::steady_clock::now() + kAdviceDelay)) return;
  for (const preflight::Finding& finding : preflight::run(config, stop.fd())) {
    const bool is_advice =
        finding.level == preflight::Level::warning || finding.level == preflight::Level::error;
    if (!is_advice || finding.area == "positions" || stop.is_set()) continue;
    if (is_said(finding, board.facts().trouble) || !board.is_news(finding.what)) continue;
    log::warn(finding.what, {{"check", std::string(finding.area) + "/" + std::string(finding.check)},
                             {"slot", config.slot_name},
                             {"remedy", finding.remedy}});
  }
}

/// Beside the start; without a thread for it the service does its work all the same.
void try_to_advise(const Config& config, const StopSignal& stop, ServiceBoard& board) {
  try {
    advise(config, stop, board);
  } catch (const std::system_error& error) {
    const Error denied = denied_by_machine(config, error.what());
    log::warn("the checks of the start were not made: " + denied.message, {{"remedy", denied.remedy}});
  }
}

/// Ends what waits for the stop signal.
class AtTheEnd {
 public:
  explicit AtTheEnd(const StopSignal& stop) : stop_(stop) {}
  ~AtTheEnd() { stop_.raise(); }
  AtTheEnd(const AtTheEnd&) = delete;
  AtTheEnd& operator=(const AtTheEnd&) = delete;

 private:
  const StopSignal& stop_;
};

int failed(const Error& error, int code = 1) {
  log::error(error.message, {{"error", std::string(policy_of(error.kind).name)},
                             {"remedy", std::string(error.what_to_do())}});
  return code;
}

int run_until_stopped(const Config& config) {
  // Large rows have their own memory, which goes back to the system at once; 256 sleeping HTTP threads share
  // two arenas.
  mallopt(M_MMAP_THRESHOLD, 256 * 1024);
  mallopt(M_ARENA_MAX, 4);
  const StopSignal stop;

  PipelineMetrics metrics;
  for (const QueueSpec& queue : config.queues) {
    auto& group = metrics.queues.emplace_back();
    group.name = queue.name;
    group.kind = std::string(to_string(queue.kind));
  }
  ServiceBoard board(config);
  keep_secrets(config);
  log_start(config);
  const Result<MachineBudget> budget = take_stock(config);
  if (!budget) return failed(budget.error());

  Watchdog watchdog(stop, board);
  Daemon daemon(config, stop, board, metrics, watchdog);
  const Wiring wiring(config, nullptr);
  Monitor monitor(config, wiring, stop, board, metrics);
  const AtTheEnd monitor_too(stop);

  const auto facts = [&board, &monitor, &metrics] {
    monitor.somebody_watches();
    ServiceFacts now = board.facts();
    now.server_lsn =
        std::max(now.server_lsn, Lsn{metrics.reader.received_lsn.value()});  // asked a second ago
    now.ready = readiness_of(now).ok;
    now.log_lines_dropped = log::dropped_lines();
    return now;
  };
  http::ServerSettings settings;
  settings.bind = config.bind;
  settings.port = config.http_port;
  settings.threads = budget->http_threads;
  settings.queue = budget->http_queue;
  auto server = http::Server::start(
      settings,
      http::service_routes({.metrics = metrics,
                            .facts = facts,
                            .health =
                                [&] {
                                  const std::string stalled = watchdog.stalled();
                                  return http::Health{stalled.empty(), stalled, board.facts().instance};
                                },
                            .readiness = [&board] { return readiness_of(board.facts()); }}));
  if (!server) {
    const bool wrong_bind =
        server.error().kind == ErrorKind::wrong_setting && !http::is_own_address(config.bind);
    return failed(server.error(), wrong_bind ? 2 : 1);
  }
  std::thread advisor([&] { try_to_advise(config, stop, board); });
  const int code = daemon.run();
  watchdog.ends_with(code);
  stop.raise();  // where the daemon ended by itself: the monitor ends too
  (*server)->begin_stop();
  advisor.join();
  (*server)->finish_stop();
  return code;
}

int run_in_words(const Config& config) {
  if (!log::write_in_background()) return failed(denied_by_machine(config, "the log's thread"));
  try {
    return run_until_stopped(config);
  } catch (const std::system_error& error) {
    return failed(denied_by_machine(config, error.what()));
  }
}

}  // namespace

int run_service(const Config& config) {
  log::start(config.log_style, config.log_level);
  prepare_last_words(config);
  const int code = run_in_words(config);
  log::finish(kLastWords);
  return code;
}

}  // namespace realtime
