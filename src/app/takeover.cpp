#include "app/takeover.hpp"

#include <algorithm>
#include <utility>

#include "app/publication.hpp"
#include "base/log.hpp"
#include "postgres/slot_stream.hpp"
#include "postgres/slot_watch.hpp"
#include "postgres/timeline.hpp"

namespace realtime {
namespace {

constexpr int kMostFences = 50;  // an old owner has at most its window left to write

std::string quoted(const std::string& text) {
  return "\"" + text + "\"";
}

/// Of this server's very history, and past its end: the one refusal that its log may outgrow.
bool is_past_the_end(const ServerView& server, const std::vector<QueueView>& queues) {
  return std::any_of(queues.begin(), queues.end(), [&server](const QueueView& queue) {
    return queue.record && queue.record->history == server.here &&
           queue.record->position.restart > server.wal_end;
  });
}

}  // namespace

struct Takeover::Server {
  ServerView view;
  postgres::ServerFacts facts;
};

Takeover::Takeover(const Config& config, const Wiring& wiring, const StopSignal& stop, ServiceBoard& board,
                   PipelineMetrics& metrics, std::function<void(std::string_view)> dropped_without_identity)
    : config_(config),
      wiring_(wiring),
      stop_(stop),
      board_(board),
      metrics_(metrics),
      dropped_without_identity_(std::move(dropped_without_identity)),
      remembered_(config.queues.size()) {}

void Takeover::remember(std::size_t queue, Lsn restart, std::uint64_t number) {
  remembered_[queue] = Position{restart, number, std::nullopt, true};
}

Result<Owned> Takeover::attempt() {
  redis::RecordStore store(wiring_.redis_endpoint(), [this] { return stop_.is_set(); });
  for (int fences = 0; fences < kMostFences; ++fences) {
    auto texts = read_records(store);
    if (!texts) return texts.error();
    const auto queues = parse_records(*texts);
    if (!queues) return queues.error();

    const auto options = wiring_.postgres_options(stop_.fd());
    if (!options) return options.error();
    auto connection = postgres::Connection::open(*options, postgres::ConnectionKind::replication);
    if (!connection) return connection.error();
    const Result<Server> server = look(**connection, *queues);
    if (!server) return server.error();
    Result<Resume> resume = decide(**connection, *server, *queues);
    if (!resume) {
      if (is_past_the_end(server->view, *queues)) refuse(resume.error().message);
      return resume.error();
    }

    const auto timeout = postgres::owner_timeout(server->facts.wal_sender_timeout, config_.lease);
    if (Status set = postgres::set_wal_sender_timeout(**connection, timeout); !set) return set.error();
    auto plugin = wiring_.make_plugin(resume->filter);
    auto stream = postgres::SlotStream::start(
        std::move(*connection),
        {config_.slot_name, resume->start, resume->transactions, dropped_without_identity_}, *plugin);
    if (!stream) return stream.error();

    const Result<bool> fenced = fence(store, *texts, resume->records);
    if (!fenced) return fenced.error();
    if (!*fenced) continue;
    say(*resume);

    Owned owned;
    owned.plan.sequencer = {.base = resume->base,
                            .start = resume->start,
                            .discard = resume->discard,
                            .known_end = server->view.wal_end};
    if (resume->last_number) owned.plan.sequencer.last_number = *resume->last_number;
    owned.plan.filter = resume->filter;
    owned.plan.records = std::move(resume->records);
    owned.parts.source = std::move(*stream);
    owned.parts.plugin = std::move(plugin);
    for (const QueueSpec& queue : config_.queues) owned.parts.sinks.push_back(wiring_.make_sink(queue));
    owned.status_interval = std::min<Duration>(timeout / 3, config_.lease / 4);
    owned.reconnect_after = resume->reconnect_after;
    return owned;
  }
  return Error{ErrorKind::fenced,
               "slot " + config_.slot_name + ": another instance goes on writing positions"};
}

void Takeover::refuse(const std::string& why) {
  redis::RecordStore store(wiring_.redis_endpoint(), [this] { return stop_.is_set(); });
  const auto texts = read_records(store);
  if (!texts) return;
  for (std::size_t q = 0; q < texts->size(); ++q) {
    const auto& text = (*texts)[q];
    Result<Record> record =
        text ? parse_record(*text) : Result<Record>(Error{ErrorKind::record_unreadable, ""});
    if (!record || !record->refused.empty()) continue;
    record->refused = why;
    if (const auto marked = store.replace(config_.queues[q].name, text, format_record(*record)); !marked)
      return;
  }
}

Result<std::vector<std::optional<std::string>>> Takeover::read_records(redis::RecordStore& store) {
  std::vector<std::string> names;
  for (const QueueSpec& queue : config_.queues) names.push_back(queue.name);
  return store.read_all(names);
}

Result<std::vector<QueueView>> Takeover::parse_records(
    const std::vector<std::optional<std::string>>& texts) const {
  std::vector<QueueView> queues;
  for (std::size_t q = 0; q < texts.size(); ++q) {
    QueueView view{config_.queues[q].name, std::nullopt, remembered_[q]};
    if (texts[q]) {
      Result<Record> record = parse_record(*texts[q]);
      if (!record) return Error{record.error().kind, "queue " + view.name + ": " + record.error().message};
      view.record = std::move(*record);
    }
    queues.push_back(std::move(view));
  }
  return queues;
}

Result<Takeover::Server> Takeover::look(postgres::Connection& connection,
                                        const std::vector<QueueView>& queues) {
  auto facts = postgres::read_server(connection);
  if (!facts) return facts.error();
  if (facts->in_recovery)
    return Error{ErrorKind::postgres_starting, "the server is in recovery: waiting for a primary"};
  if (facts->encoding != "UTF8") {
    return Error{ErrorKind::postgres_encoding, "database " + config_.postgres.database + " is encoded in " +
                                                   facts->encoding + "; only UTF8 gives valid JSON"};
  }
  auto slot = postgres::read_slot(connection, config_.slot_name);
  if (!slot) return slot.error();
  const std::string plugin(to_string(config_.plugin));
  if (slot->exists && (slot->slot_type != "logical" || slot->plugin != plugin ||
                       slot->database != config_.postgres.database)) {
    return Error{ErrorKind::slot_unsuitable,
                 "slot " + config_.slot_name + " is " + slot->slot_type + ", plugin " + quoted(slot->plugin) +
                     ", database " + quoted(slot->database) + "; needed: logical, plugin " + quoted(plugin) +
                     ", database " + quoted(config_.postgres.database)};
  }
  if (slot->active && !slot->temporary) {  // ours are permanent: who holds a temporary one is no owner
    return Error{ErrorKind::slot_active,
                 "slot " + config_.slot_name + " is streamed by process " + std::to_string(slot->active_pid)};
  }
  const auto original = postgres::look_for_original(connection, config_.slot_name);
  if (!original) return original.error();
  if (original->runs()) {
    return Error{ErrorKind::slot_unsuitable,
                 "the original HASH Realtime still runs on slot " + config_.slot_name +
                     (original->temporary_slot ? ", which it made as a temporary one"
                                               : " (owner " + original->owner + " in realtime.ownership)") +
                     ": waiting for its end",
                 "Stop the original service; nothing of it is ended from here."};
  }
  Server server;
  server.facts = *facts;
  server.view.here = {facts->system_identifier, facts->timeline, config_.postgres.database,
                      config_.slot_name};
  server.view.wal_end = facts->wal_end;
  server.view.slot_exists = slot->exists;
  server.view.slot_lost = slot->lost();
  server.view.confirmed = slot->confirmed_flush_lsn;
  const bool older = std::any_of(queues.begin(), queues.end(), [&facts](const QueueView& queue) {
    return queue.record && queue.record->history.timeline < facts->timeline;
  });
  if (older) {
    auto ends = postgres::read_timeline_ends(connection, facts->timeline);
    if (!ends) return ends.error();
    server.view.timeline_ends = std::move(*ends);
  }
  return server;
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

Result<bool> Takeover::fence(redis::RecordStore& store, const std::vector<std::optional<std::string>>& texts,
                             std::vector<Record>& records) const {
  std::uint64_t epoch = 0;
  for (const auto& text : texts) {
    if (!text) continue;
    const Result<Record> record = parse_record(*text);
    if (record) epoch = std::max(epoch, record->epoch);
  }
  // Not merely the next number: where Redis forgot the last take-over, the next one must not look like it.
  const auto clock = std::chrono::system_clock::now().time_since_epoch();
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(clock).count();
  epoch = std::max(epoch + 1, static_cast<std::uint64_t>(std::max<std::int64_t>(0, milliseconds)));
  for (std::size_t q = 0; q < records.size(); ++q) {
    records[q].epoch = epoch;
    const auto replaced = store.replace(config_.queues[q].name, texts[q], format_record(records[q]));
    if (!replaced) return replaced.error();
    if (!replaced->replaced) return false;
  }
  return true;
}

void Takeover::say(const Resume& resume) {
  for (const ResumeNotice& notice : resume.notices) {
    const std::string queue = notice.queue.empty() ? "all" : notice.queue;
    if (notice.loss) {
      log::error(
          notice.message,
          {{"slot", config_.slot_name},
           {"queue", queue},
           {"from", to_string(notice.from)},
           {"lsn", to_string(notice.to)},
           {"remedy", "what is lost cannot be replayed; run hash-realtime accept-loss once you know"}});
    } else {
      log::warn(notice.message,
                {{"slot", config_.slot_name}, {"queue", queue}, {"lsn", to_string(notice.to)}});
    }
  }
  for (std::size_t q = 0; q < resume.records.size(); ++q) {
    const std::string& loss = resume.records[q].loss;
    board_.set_degraded(q, loss);
    const auto news = std::count_if(resume.notices.begin(), resume.notices.end(), [&](const auto& notice) {
      return notice.loss && notice.queue == config_.queues[q].name;
    });
    // A record remembers its losses over restarts of the service, the counter those that the record forgot.
    const auto remembered = loss.empty() ? 0 : 1 + std::count(loss.begin(), loss.end(), ',');
    Gauge& events = metrics_.queues[q].lost_events;
    events.set(
        std::max(events.value() + static_cast<std::uint64_t>(news), static_cast<std::uint64_t>(remembered)));
  }
}

}  // namespace realtime
