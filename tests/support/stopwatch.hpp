#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

namespace realtime {

/// How long something took against a bound that must hold: the wall clock's time, less the time for which the
/// one of this process's threads that fared worst was ready to run and had no processor. So a loaded machine
/// breaks no bound, and a thread that waits or works for too long does. Threads that have ended meanwhile
/// count as not having waited. One thread at a time.
class Stopwatch {
 public:
  std::chrono::nanoseconds elapsed() const {
    std::uint64_t starved = 0;
    for (const auto& [thread, waited] : waits()) {
      const auto before = before_.find(thread);
      starved = std::max(starved, waited - (before == before_.end() ? 0 : before->second));
    }
    return std::chrono::steady_clock::now() - begin_ - std::chrono::nanoseconds(starved);
  }

 private:
  /// Nanoseconds in the run queue by thread; empty where the kernel does not tell.
  static std::map<std::string, std::uint64_t> waits() {
    std::map<std::string, std::uint64_t> all;
    std::error_code ended;
    for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task", ended)) {
      std::uint64_t ran = 0, waited = 0;
      if (std::ifstream(thread.path() / "schedstat") >> ran >> waited) all[thread.path().filename()] = waited;
    }
    return all;
  }

  std::map<std::string, std::uint64_t> before_ = waits();
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

}  // namespace realtime
