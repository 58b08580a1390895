#include "postgres/log_hasher.hpp"

#include <array>
#include <random>

#include <sys/eventfd.h>
#include <unistd.h>

#include "base/log.hpp"

namespace realtime::postgres {

LogHasher::LogHasher(Options options)
    : options_(std::move(options)),
      stop_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      thread_([this] { run(); }) {}

LogHasher::~LogHasher() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  eventfd_write(stop_fd_, 1);
  thread_.join();
  ::close(stop_fd_);
}

LogWitness::Told LogHasher::ask(Lsn at) {
  const std::lock_guard lock(mutex_);
  for (const auto& [position, told] : told_) {
    if (position == at) return told;
  }
  if (wanted_ != at) {
    wanted_ = at;
    changed_.notify_one();
  }
  return {never_ ? Answer::never : Answer::pending};
}

void LogHasher::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stop_ || wanted_; });
    if (stop_) return;
    const Lsn at = wanted_;
    lock.unlock();
    serve(at);
    lock.lock();
    changed_.wait_for(lock, never_ ? kPause : kInterval, [this] { return stop_; });
  }
}

void LogHasher::serve(Lsn at) {
  const std::uint32_t bytes = log_bytes_before(at, options_.segment_bytes);
  if (bytes < kLeastLogBytes) {
    tell(at, {Answer::too_short});
    // A log of short pieces (archive_timeout and little else) would hold every position back for ever.
    if (last_known_ && at.value - last_known_.value >= 2 * options_.segment_bytes) make_longer(at);
    if (!last_known_) last_known_ = at;
    return;
  }
  const LogRead found = read(at, bytes);
  if (!found.good()) return fail(at, found);
  refused_since_ = {};
  last_known_ = at;
  {
    const std::lock_guard lock(mutex_);
    never_ = false;
  }
  tell(at, {Answer::known, hash_log_bytes(found.bytes)});
  options_.on_log(true);
}

LogRead LogHasher::read(Lsn at, std::uint32_t bytes) {
  if (Status connected = connect(); !connected)
    return {{}, log_refusal(connected.error()), connected.error().message};
  const std::uint32_t timeline = options_.timelines.timeline_at(at).value_or(options_.timeline);
  LogRead found = read_log(*connection_, {at.value - bytes}, at, timeline);
  if (!found.good()) connection_.reset();
  return found;
}

Status LogHasher::connect() {
  if (connection_ && connection_->usable()) return ok();
  auto options = options_.connect();
  if (!options) return options.error();
  options->stop_fd = stop_fd_;
  options->application_name = "hash-realtime log";
  auto opened = Connection::open(*options, ConnectionKind::replication);
  if (!opened) return opened.error();
  connection_ = std::move(*opened);
  return ok();
}

/// The position stays without a hash for now; where the server has given nothing for long, for good.
void LogHasher::fail(Lsn at, const LogRead& found) {
  if (*found.refusal == LogRefusal::stopping || *found.refusal == LogRefusal::removed)
    return tell(at, {Answer::not_now});
  const auto now = Clock::now();
  if (refused_since_ == Clock::time_point{}) refused_since_ = now;
  if (now - refused_since_ < kPatience) return;  // asked again, if it is still wanted
  {
    const std::lock_guard lock(mutex_);
    if (stop_ || std::exchange(never_, true)) return;
  }
  options_.on_log(false);
  log::warn(
      "the server does not give its log (START_REPLICATION PHYSICAL): positions are recorded without a hash "
      "of "
      "it, and another history is known by the last message alone",
      {{"reason", found.why}});
}

/// Any role may write such a message, and nobody is sent it: its prefix is left out by every stream of ours.
void LogHasher::make_longer(Lsn at) {
  if (!connect()) return;
  std::random_device random;
  std::string hex;
  while (hex.size() < kLeastLogBytes) {
    char digits[9];
    std::snprintf(digits, sizeof digits, "%08x", random());
    hex += digits;
  }
  const auto sent = connection_->query(
      "SELECT pg_catalog.pg_logical_emit_message(false, 'hash-realtime:mark', '" + hex + "')");
  if (!sent) return connection_.reset();
  last_known_ = at;  // not again before two more segments
}

void LogHasher::tell(Lsn at, const Told& told) {
  const std::lock_guard lock(mutex_);
  told_.emplace_back(at, told);
  if (told_.size() > kMostKnown) told_.pop_front();
  if (wanted_ == at) wanted_ = {};
}

}  // namespace realtime::postgres
