#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "realtime/error.hpp"

#include "base/clock.hpp"
#include "config/config.hpp"
#include "ownership/phase.hpp"
#include "status/service_facts.hpp"

namespace realtime {

/// How the server looks from the monitor's own connection.
enum class ServerSeen : std::uint8_t {
  answers,
  silent,
  stopping,  ///< it lets nobody in, because it shuts down
};

/// What the service knows of itself beside its counters: written by daemon and monitor, shown by HTTP. Any
/// thread; a mutex, because everything here changes a few times a second at most.
class ServiceBoard {
 public:
  explicit ServiceBoard(const Config& config);

  /// Shows where the instance is; `detail` as words_of() takes it. A phase without words changes nothing.
  void set_phase(Phase phase, std::string_view detail = {});
  /// What keeps the service from its work now; none: nothing does. It lasts since the first
  /// of what was set.
  void set_trouble(const std::optional<Error>& error);
  void set_queue(std::size_t queue, const std::string& state, const std::optional<TroubleFacts>& trouble);
  /// Another instance writes it now.
  void let_go_of_queue(std::size_t queue);
  void set_degraded(std::size_t queue, const std::string& loss);
  /// Changes several things at once.
  template <typename Change>
  void update(const Change& change) {
    const std::lock_guard lock(mutex_);
    change(facts_);
  }

  /// Set by the monitor, read by the daemon: how the server looks, and since when.
  void set_server(ServerSeen seen);
  struct Server {
    ServerSeen seen = ServerSeen::answers;
    TimePoint since{};
  };
  Server server() const;

  /// Set by the monitor, read by the stream: another number since types may have been renamed or moved.
  void types_changed() { types_version_.fetch_add(1, std::memory_order_relaxed); }
  std::uint64_t types_version() const { return types_version_.load(std::memory_order_relaxed); }

  /// Whether nobody has said these words of a fault since it began, or since is_over; they count as said from now
  /// on. The checks beside the start and the watch find the same faults.
  bool is_news(const std::string& words);
  void is_over(const std::string& words);

  ServiceFacts facts() const;

  /// The daemon's thread is alive: set_phase() says so too.
  void beat() { beats_.fetch_add(1, std::memory_order_relaxed); }
  std::uint64_t beats() const { return beats_.load(std::memory_order_relaxed); }

 private:
  const TimePoint started_ = std::chrono::steady_clock::now();
  mutable std::mutex mutex_;
  ServiceFacts facts_;
  Server server_;
  std::set<std::string> said_;
  /// Only grows. Relaxed: who reads it asks the server, and nothing of ours hangs on it.
  std::atomic<std::uint64_t> types_version_{0};
  /// Grows while the daemon's thread moves. Relaxed: the watchdog only looks whether it has changed.
  std::atomic<std::uint64_t> beats_{0};
};

/// The facts of an error that began so long ago.
TroubleFacts trouble_facts(const Error& error, Duration ago = {});

}  // namespace realtime
