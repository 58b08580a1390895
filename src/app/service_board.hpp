#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "realtime/error.hpp"

#include "config/config.hpp"
#include "metrics/service_facts.hpp"

namespace realtime {

/// What the service knows of itself beside its counters: written by daemon and monitor, shown by HTTP. Any
/// thread; a mutex, because everything here changes a few times a second at most.
class ServiceBoard {
 public:
  explicit ServiceBoard(const Config& config);

  void set_role(Role role, const std::string& state);
  void set_state(const std::string& state);
  /// What keeps the service from its work now; none: nothing does.
  void set_trouble(const std::optional<Error>& error);
  void set_queue(std::size_t queue, const std::string& state, const std::optional<TroubleFacts>& trouble);
  void set_degraded(std::size_t queue, const std::string& loss);
  /// Changes several things at once.
  template <typename Change>
  void update(const Change& change) {
    const std::lock_guard lock(mutex_);
    change(facts_);
  }

  /// Whether the server answers the monitor; set by it, read by the daemon.
  void set_server_answers(bool answers) { server_answers_.store(answers, std::memory_order_relaxed); }
  bool server_answers() const { return server_answers_.load(std::memory_order_relaxed); }

  ServiceFacts facts() const;

 private:
  mutable std::mutex mutex_;
  ServiceFacts facts_;
  std::atomic<bool> server_answers_{true};  ///< relaxed: it stands alone
};

/// The facts of an error, since now.
TroubleFacts trouble_facts(const Error& error);

}  // namespace realtime
