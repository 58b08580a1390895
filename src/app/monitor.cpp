#include "app/monitor.hpp"

#include <algorithm>

#include "app/peers.hpp"
#include "postgres/slot.hpp"

namespace realtime {
namespace {

constexpr Duration kBusyInterval = std::chrono::seconds(1);
constexpr Duration kIdleInterval = std::chrono::milliseconds(2500);
constexpr Duration kReconnectInterval = std::chrono::seconds(2);
constexpr std::uint64_t kCatchingUpBytes = 16 << 20;
constexpr double kCaughtUpSeconds = 5;  // few bytes can still be old: a busy server's last seconds

}  // namespace

Monitor::Monitor(const Config& config, const Wiring& wiring, const StopSignal& stop, ServiceBoard& board,
                 PipelineMetrics& metrics)
    : config_(config),
      wiring_(wiring),
      stop_(stop),
      board_(board),
      metrics_(metrics),
      lengths_(config, wiring, metrics, board, [this] { return stop_.is_set(); }),
      tables_(config, board),
      thread_([this] { run(); }) {}

Monitor::~Monitor() {
  thread_.join();
}

void Monitor::run() {
  TimePoint next = std::chrono::steady_clock::now();
  // The socket too: a server that stops ends this connection first, and says so to the next one.
  while (!stop_.wait_until(next, connection_ ? connection_->fd() : -1)) {
    const TimePoint now = std::chrono::steady_clock::now();
    look(now);
    if (board_.facts().role == Role::owner) lengths_.look(now);
    publish(now);
    const std::uint64_t messages = metrics_.reader.messages.value();
    const bool busy = messages != last_messages_ || watched_.exchange(false, std::memory_order_relaxed);
    last_messages_ = messages;
    next = now + (busy ? kBusyInterval : kIdleInterval);
  }
}

/// Asks the server; a server that is away is the daemon's trouble, not ours: the last figures stay.
void Monitor::look(TimePoint now) {
  if (connection_ && ask(now)) return;
  connection_.reset();  // it alone was ended, or the server ends: the next one tells
  if (connect(now) && !ask(now)) connection_.reset();
}

bool Monitor::connect(TimePoint now) {
  if (now < next_connect_) return false;
  next_connect_ = now + kReconnectInterval;
  const auto options = wiring_.postgres_options(stop_.fd());
  if (!options) return false;
  auto opened = postgres::Connection::open(*options, postgres::ConnectionKind::ordinary);
  if (!opened) {
    if (opened.error().kind == ErrorKind::postgres_starting) board_.set_server(ServerSeen::stopping);
    return false;
  }
  connection_ = std::move(*opened);
  shown_name_.clear();
  return true;
}

bool Monitor::ask(TimePoint now) {
  const auto lag = postgres::read_lag(*connection_, config_.slot_name);
  board_.set_server(lag ? ServerSeen::answers : ServerSeen::silent);
  if (!lag) return false;
  server_lsn_ = std::max(lag->wal_end, Lsn{metrics_.reader.received_lsn.value()});
  board_.update([&](ServiceFacts& facts) {
    facts.server_lsn = server_lsn_;
    facts.restart_lsn = lag->slot.restart_lsn;
    facts.slot_wal_status = lag->slot.wal_status;
    facts.safe_wal_bytes = lag->slot.safe_wal_size;
    facts.retained_wal_bytes = lag->held_bytes();
  });
  meet();
  if (board_.facts().role == Role::owner) return tables_.look(*connection_, now);
  tables_.forget();
  return true;
}

/// Shows ourselves to the other instances, and looks for them.
void Monitor::meet() {
  const std::string name = peer_name(config_, board_.facts());
  if (name != shown_name_) {
    if (!connection_->query("SET application_name = " + connection_->literal(name))) return;
    shown_name_ = name;
  }
  auto peers = read_peers(*connection_, name);
  if (peers) board_.update([&](ServiceFacts& facts) { facts.peers = std::move(*peers); });
}

void Monitor::publish(TimePoint now) {
  meter_.sample(metrics_, server_lsn_, now);
  if (server_lsn_) lag_clock_.saw(server_lsn_, now);
  Lsn taken{~std::uint64_t{0}};
  for (const auto& queue : metrics_.queues) taken = std::min(taken, Lsn{queue.written_lsn.value()});
  const RateFacts rates = meter_.rates(config_.decoder_threads);
  board_.update([&](ServiceFacts& facts) {
    facts.rates = rates;
    facts.limited_by = {};
    if (!server_lsn_ || facts.role != Role::owner) {
      facts.lag_bytes.reset();
      facts.lag_seconds.reset();
      return;
    }
    const std::uint64_t lag = server_lsn_ > taken ? server_lsn_.value - taken.value : 0;
    facts.lag_bytes = lag;
    facts.lag_seconds = lag_clock_.seconds_behind(taken, now);
    const bool late = catch_up_from_ > 0 && *facts.lag_seconds > kCaughtUpSeconds;
    catch_up_from_ = lag >= kCatchingUpBytes || late ? std::max(catch_up_from_, lag) : 0;
    facts.catch_up_from_bytes = catch_up_from_;
    facts.limited_by = limited_by(rates, metrics_, catch_up_from_ > 0);
    if (facts.state == "streaming" || facts.state == "catching up")
      facts.state = catch_up_from_ > 0 ? "catching up" : "streaming";
  });
}

}  // namespace realtime
