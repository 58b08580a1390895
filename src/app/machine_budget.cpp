#include "app/machine_budget.hpp"

#include <algorithm>

#include "base/last_words.hpp"
#include "base/machine_limits.hpp"
#include "http/server.hpp"

namespace realtime {
namespace {

/// Beside decoders and writers: main, log, watchdog, monitor, reader, its relief, sequencer, the four of the
/// start's checks, HTTP's own and the two that stop it, a name that is resolved, a query that is cancelled.
constexpr unsigned kOwnThreads = 16;
constexpr unsigned kLeastHttp = 4;
/// Left to others under the same limit: a probe that is a command of its own.
constexpr unsigned kSpareThreads = 10;
/// Beside two for each decoder and four for each queue: connections, files that are read at times, what the
/// process was started with.
constexpr std::uint64_t kOwnDescriptors = 64;
constexpr std::uint64_t kMiB = 1 << 20;

unsigned threads_needed(const Config& config) {
  return kOwnThreads + config.decoder_threads + static_cast<unsigned>(config.queues.size());
}

std::uint64_t descriptors_needed(const Config& config) {
  return kOwnDescriptors + 2 * config.decoder_threads + 4 * config.queues.size();
}

std::string thread_words(const Config& config) {
  return "the limit must let this service have at least " +
         std::to_string(threads_needed(config) + kLeastHttp) +
         " threads, and lets it have all of HTTP's with " +
         std::to_string(threads_needed(config) + kSpareThreads + http::ServerSettings{}.threads) +
         "; found are: " + machine::thread_limits();
}

std::string descriptor_words(const Config& config) {
  return "RLIMIT_NOFILE (ulimit -n, LimitNOFILE) must be at least " +
         std::to_string(descriptors_needed(config) + 2 * kLeastHttp) +
         "; found is: " + machine::descriptor_limits();
}

/// Stacks, malloc's four arenas, three times what may be in flight, and the rest.
std::string memory_words(const Config& config) {
  const std::uint64_t least =
      (threads_needed(config) * 8 + 4 * 64 + 256) * kMiB + 3 * config.max_in_flight_bytes;
  return "address space must be at least " + std::to_string(least / kMiB) +
         " MiB; found are: " + machine::memory_limits();
}

}  // namespace

Result<MachineBudget> take_stock(const Config& config) {
  const unsigned most = http::ServerSettings{}.threads;
  const std::uint64_t own = descriptors_needed(config);
  const std::uint64_t descriptors =
      machine::raise_descriptor_limit(own + most + http::ServerSettings{}.queue);
  if (descriptors < own + 2 * kLeastHttp)
    return Error{ErrorKind::machine_limit, "cannot start: too few descriptors may be open",
                 descriptor_words(config)};
  const unsigned needed = threads_needed(config);
  const unsigned threads =
      machine::free_threads(needed, needed + kSpareThreads + most, http::kWorkerStackBytes);
  if (threads < needed + kLeastHttp)
    return Error{ErrorKind::machine_limit,
                 "cannot start: only " + std::to_string(threads) + " more threads can be started",
                 thread_words(config)};

  const std::uint64_t for_http = descriptors - own;
  MachineBudget budget;
  budget.http_threads =
      std::clamp(threads > needed + kSpareThreads ? threads - needed - kSpareThreads : 0, kLeastHttp, most);
  budget.http_threads = static_cast<unsigned>(std::min<std::uint64_t>(budget.http_threads, for_http / 2));
  budget.http_queue = static_cast<unsigned>(
      std::min<std::uint64_t>(for_http - budget.http_threads, http::ServerSettings{}.queue));
  return budget;
}

Error denied_by_machine(const Config& config, std::string_view what) {
  return {ErrorKind::machine_limit,
          "the machine denies a thread, a descriptor or memory: " + std::string(what),
          thread_words(config) + "; " + descriptor_words(config)};
}

void prepare_last_words(const Config& config) {
  install_last_words("out of memory: " + memory_words(config),
                     "the machine denies a thread or a descriptor: " + thread_words(config) + "; " +
                         descriptor_words(config));
}

}  // namespace realtime
