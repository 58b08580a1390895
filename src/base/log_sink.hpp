#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include <spdlog/details/log_msg.h>
#include <spdlog/sinks/base_sink.h>

namespace realtime::log {

/// Where lines end: a descriptor, one write() a line, coloured on a terminal. spdlog's own sinks go through
/// stdio, which says nothing of a line that was not written and whose lock the end of the process waits for.
///
/// What cannot be written (closed, disk full) is counted and forgotten; a line that was torn by that gets its
/// newline before the next one. A pipe that nobody reads blocks the caller, which is why the service has the
/// log's own thread call it. Only for log.cpp, because it brings spdlog along.
class DescriptorSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  /// `lost`: lines lost before they came here. `notice`: the line (no newline) that says how many are gone.
  struct News {
    std::function<std::uint64_t()> lost;
    std::function<bool()> caught_up;  ///< nothing waits to be written
    std::function<std::string(std::uint64_t)> notice;
  };
  DescriptorSink(int fd, bool coloured, News news);

  /// Lines that came here, written or not. Any thread.
  std::uint64_t handled() const { return handled_.load(std::memory_order_acquire); }
  /// Lines that could not be written. Any thread.
  std::uint64_t failed() const { return failed_.load(std::memory_order_relaxed); }

 private:
  void sink_it_(const spdlog::details::log_msg& message) override;
  void flush_() override {}
  bool put(std::string_view line);
  void say_what_is_gone();

  const int fd_;
  const bool coloured_;
  const News news_;
  bool torn_ = false;  ///< the last line has no newline yet
  std::uint64_t said_ = 0;
  std::chrono::steady_clock::time_point said_at_{};
  /// Written under the sink's lock. Release: who has seen a line counted sees it written (log::finish).
  std::atomic<std::uint64_t> handled_{0};
  std::atomic<std::uint64_t> failed_{0};  ///< as above; relaxed: a count only
};

}  // namespace realtime::log
