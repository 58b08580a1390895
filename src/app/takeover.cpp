#include "app/takeover.hpp"

#include <algorithm>
#include <utility>

#include "app/resume_news.hpp"
#include "base/log.hpp"
#include "postgres/catalog/publication.hpp"
#include "postgres/slot_stream.hpp"

namespace realtime {
namespace {

constexpr int kMostFences = 50;  // an old owner has at most its window left to write

/// Of this server's very history, and past its end: the one refusal that its log may outgrow.
bool is_past_the_end(const ServerView& server, const std::vector<QueueView>& queues) {
  return std::any_of(queues.begin(), queues.end(), [&server](const QueueView& queue) {
    return queue.record && queue.record->history == server.here &&
           queue.record->position.restart > server.wal_end;
  });
}

}  // namespace

Takeover::Takeover(const Config& config, const Wiring& wiring, const StopSignal& stop, ServiceBoard& board,
                   PipelineMetrics& metrics, std::function<void(std::string_view)> dropped_without_identity)
    : config_(config),
      wiring_(wiring),
      stop_(stop),
      board_(board),
      metrics_(metrics),
      dropped_without_identity_(std::move(dropped_without_identity)),
      records_(config, wiring, stop) {}

Result<Owned> Takeover::attempt() {
  for (int fences = 0; fences < kMostFences; ++fences) {
    const auto queues = records_.read();
    if (!queues) return queues.error();

    const auto options = wiring_.postgres_options(stop_.fd());
    if (!options) return options.error();
    auto connection = postgres::Connection::open(*options, postgres::ConnectionKind::replication);
    if (!connection) return connection.error();
    const Result<Server> server = look_at_server(**connection, config_, *queues);
    if (!server) return server.error();
    Result<Resume> resume = decide(**connection, *server, *queues);
    if (!resume) {
      if (is_past_the_end(server->view, *queues)) records_.refuse(resume.error().message);
      return resume.error();
    }

    const auto timeout = postgres::owner_timeout(server->facts.wal_sender_timeout, config_.lease);
    if (Status set = postgres::set_wal_sender_timeout(**connection, timeout); !set) return set.error();
    auto plugin = wiring_.make_plugin(resume->filter);
    auto stream = postgres::SlotStream::start(
        std::move(*connection),
        {config_.slot_name, resume->start, resume->transactions, dropped_without_identity_}, *plugin);
    if (!stream) return stream.error();

    const Result<bool> fenced = records_.fence(resume->records);
    if (!fenced) return fenced.error();
    if (!*fenced) continue;
    say_resume(*resume, config_, board_, metrics_);

    return own(std::move(*resume), *server, std::move(*stream), std::move(plugin), timeout);
  }
  return Error{ErrorKind::fenced,
               "slot " + config_.slot_name + ": another instance goes on writing positions"};
}

Owned Takeover::own(Resume resume, const Server& server, std::unique_ptr<Source> stream,
                    std::shared_ptr<const OutputPlugin> plugin, std::chrono::milliseconds timeout) const {
  Owned owned;
  owned.plan.sequencer = {.base = resume.base,
                          .start = resume.start,
                          .discard = resume.discard,
                          .known_end = server.view.wal_end};
  if (resume.last_number) owned.plan.sequencer.last_number = *resume.last_number;
  owned.plan.filter = resume.filter;
  owned.plan.records = std::move(resume.records);
  owned.parts.source = std::move(stream);
  owned.parts.plugin = std::move(plugin);
  for (const QueueSpec& queue : config_.queues) owned.parts.sinks.push_back(wiring_.make_sink(queue));
  owned.status_interval = std::min<Duration>(timeout / 3, config_.lease / 4);
  owned.reconnect_after = resume.reconnect_after;
  return owned;
}

Result<Resume> Takeover::decide(postgres::Connection& connection, const Server& server,
                                const std::vector<QueueView>& queues) {
  ResumeDecision decision = decide_resume(server.view, queues, wiring_.configured_filter());
  if (auto* error = std::get_if<Error>(&decision)) return std::move(*error);
  if (config_.plugin == Plugin::pgoutput) {  // before the slot: decoding fails where it meets none
    if (Status made = ensure_publication(connection, config_); !made) return made.error();
  }
  if (auto* resume = std::get_if<Resume>(&decision)) return std::move(*resume);
  return create(connection, server);
}

Result<Resume> Takeover::create(postgres::Connection& connection, const Server& server) {
  const auto waiting = [this] {
    board_.set_state(
        "waiting for open transactions to end, so that the slot can be made: SELECT pid, xact_start, query "
        "FROM pg_stat_activity WHERE backend_xid IS NOT NULL ORDER BY xact_start");
  };
  const Result<Lsn> start =
      postgres::create_slot(connection, config_.slot_name, std::string(to_string(config_.plugin)), waiting);
  if (!start) return start.error();
  log::info("the slot was made; what is committed from here on is delivered",
            {{"slot", config_.slot_name}, {"lsn", to_string(*start)}});
  Resume resume;
  resume.start = *start;
  resume.filter = wiring_.configured_filter();
  resume.records = fresh_records(config_.queues.size(), *start, server.view.here, resume.filter);
  resume.base = resume.records.front().position;
  return resume;
}

}  // namespace realtime
