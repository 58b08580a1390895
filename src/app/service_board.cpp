#include "app/service_board.hpp"

#include <unistd.h>

#include "pipeline/in_flight_window.hpp"

namespace realtime {
namespace {

std::string instance_name() {
  char host[256] = "unknown";
  gethostname(host, sizeof host - 1);
  return std::string(host) + ":" + std::to_string(getpid());
}

/// None: the phase is on the way from one role to another, which is still shown as the last one.
std::optional<Role> role_of(Phase phase) {
  switch (phase) {
    case Phase::streaming:
      return Role::owner;
    case Phase::standby:
    case Phase::differs:
      return Role::standby;
    case Phase::flushing:
    case Phase::stopping:
    case Phase::needs_person:
      return Role::stopping;
    case Phase::starting:
      return Role::starting;
    default:
      return std::nullopt;
  }
}

}  // namespace

TroubleFacts trouble_facts(const Error& error, Duration ago) {
  return {std::string(policy_of(error.kind).name), error.message, std::string(error.what_to_do()),
          std::chrono::system_clock::now() - std::chrono::round<std::chrono::system_clock::duration>(ago)};
}

ServiceBoard::ServiceBoard(const Config& config) {
  facts_.instance = instance_name();
  facts_.version = REALTIME_VERSION;
  facts_.started_at = std::chrono::system_clock::now();
  facts_.state = words_of(Phase::starting).value_or("");
  facts_.server_address =
      config.postgres.host + ":" + std::to_string(config.postgres.port) + "/" + config.postgres.database;
  facts_.redis_address = config.redis.host + ":" + std::to_string(config.redis.port);
  facts_.slot = config.slot_name;
  facts_.plugin = to_string(config.plugin);
  facts_.in_flight_limit_bytes = config.max_in_flight_bytes;
  facts_.in_flight_limit_places = InFlightWindow::places_for(config.max_in_flight_bytes);
  facts_.decoder_threads = config.decoder_threads;
  facts_.queue_warn_length = config.queue_warn_length;
  for (const QueueSpec& queue : config.queues) {
    QueueFacts facts;
    facts.name = queue.name;
    facts.kind = std::string(to_string(queue.kind));
    facts.state = "closed";
    facts_.queues.push_back(facts);
  }
}

void ServiceBoard::set_phase(Phase phase, std::string_view detail) {
  beat();
  const std::optional<std::string> words = words_of(phase, detail);
  const std::optional<Role> role = role_of(phase);
  update([&](ServiceFacts& facts) {
    if (role) facts.role = *role;
    if (words) facts.state = *words;
  });
}

void ServiceBoard::set_trouble(const std::optional<Error>& error) {
  update([&](ServiceFacts& facts) {
    if (!error) {
      facts.trouble.reset();
      return;
    }
    const auto since = facts.trouble ? facts.trouble->since : std::chrono::system_clock::now();
    facts.trouble = trouble_facts(*error);
    facts.trouble->since = since;
  });
}

void ServiceBoard::set_queue(std::size_t queue, const std::string& state,
                             const std::optional<TroubleFacts>& trouble) {
  update([&](ServiceFacts& facts) {
    facts.queues[queue].state = state;
    if (trouble) facts.queues[queue].trouble = trouble;
  });
}

void ServiceBoard::let_go_of_queue(std::size_t queue) {
  update([&](ServiceFacts& facts) {
    facts.queues[queue].state = "closed";
    facts.queues[queue].trouble.reset();
  });
}

void ServiceBoard::set_degraded(std::size_t queue, const std::string& loss) {
  update([&](ServiceFacts& facts) {
    if (loss.empty()) {
      facts.queues[queue].degraded.reset();
    } else {
      facts.queues[queue].degraded = loss;
    }
  });
}

void ServiceBoard::set_server(ServerSeen seen) {
  const std::lock_guard lock(mutex_);
  if (server_.seen != seen) server_ = {seen, std::chrono::steady_clock::now()};
}

ServiceBoard::Server ServiceBoard::server() const {
  const std::lock_guard lock(mutex_);
  return server_;
}

bool ServiceBoard::is_news(const std::string& words) {
  constexpr std::size_t kMostSaid = 10'000;
  const std::lock_guard lock(mutex_);
  return said_.size() < kMostSaid && said_.insert(words).second;
}

void ServiceBoard::is_over(const std::string& words) {
  const std::lock_guard lock(mutex_);
  said_.erase(words);
}

ServiceFacts ServiceBoard::facts() const {
  const std::lock_guard lock(mutex_);
  ServiceFacts facts = facts_;
  facts.now = std::chrono::system_clock::now();
  facts.uptime = std::chrono::steady_clock::now() - started_;
  if (!facts.trouble && facts.role == Role::owner) facts.trouble = facts.tables.not_arriving;
  return facts;
}

}  // namespace realtime
