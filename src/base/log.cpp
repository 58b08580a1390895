#include "base/log.hpp"

#include <atomic>
#include <memory>
#include <system_error>
#include <thread>

#include <pthread.h>
#include <spdlog/async_logger.h>
#include <spdlog/details/os.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/logger.h>
#include <unistd.h>

#include "base/log_format.hpp"
#include "base/log_sink.hpp"
#include "base/scrub.hpp"

namespace realtime::log {
namespace {

/// Lines that wait while standard output takes none; beyond them the oldest give way. A line has about 300
/// bytes, kMaxLine at most.
constexpr std::size_t kMostWaiting = 1024;

/// Where the lines go. spdlog does the queue, its thread, and the readable style's time and level; the text
/// is ours, because its patterns cannot escape JSON.
class Output {
 public:
  /// With a thread of its own, or written by who logs. Throws std::system_error where there is no thread.
  Output(Style its_style, bool background, Output* former) : style(its_style), former_(former) {
    if (background) {
      thread_ = std::make_shared<spdlog::details::thread_pool>(
          kMostWaiting, 1, [] { pthread_setname_np(pthread_self(), "log"); });
    }
    const bool coloured =
        style == Style::readable && ::isatty(STDOUT_FILENO) == 1 && spdlog::details::os::is_color_terminal();
    DescriptorSink::News news{[this] { return lost(); },
                              [this] { return !thread_ || thread_->queue_size() == 0; },
                              [this](std::uint64_t lines) { return notice(lines); }};
    sink_ = std::make_shared<DescriptorSink>(STDOUT_FILENO, coloured, std::move(news));
    if (thread_) {
      logger_ = std::make_shared<spdlog::async_logger>("", sink_, thread_,
                                                       spdlog::async_overflow_policy::overrun_oldest);
    } else {
      logger_ = std::make_shared<spdlog::logger>("", sink_);
    }
    logger_->set_pattern(style == Style::json ? "%v" : "%H:%M:%S.%e %^%-7l%$ %v");
    logger_->set_level(spdlog::level::trace);
    // No memory for a line: it is not worth ending the service.
    logger_->set_error_handler(
        [this](const std::string&) { refused_.fetch_add(1, std::memory_order_relaxed); });
  }

  void write(spdlog::level::level_enum level, std::string_view text) {
    given_.fetch_add(1, std::memory_order_relaxed);
    logger_->log(level, spdlog::string_view_t(text.data(), text.size()));
  }

  bool is_written() const { return sink_->handled() + lost() >= given_.load(std::memory_order_relaxed); }
  std::uint64_t dropped() const { return lost() + sink_->failed(); }

  const Style style;

 private:
  /// Lines that never reached the sink.
  std::uint64_t lost() const {
    return (thread_ ? thread_->overrun_counter() : 0) + refused_.load(std::memory_order_relaxed);
  }
  std::string notice(std::uint64_t lines) const {
    constexpr std::string_view kWords = "log lines were dropped: standard output did not take them in time";
    const Field count{"dropped", std::to_string(lines), true};
    return style == Style::json ? json_line(std::chrono::system_clock::now(), Level::warn, kWords, {count})
                                : readable_text(kWords, {count});
  }

  std::shared_ptr<DescriptorSink> sink_;
  std::shared_ptr<spdlog::details::thread_pool> thread_;
  std::shared_ptr<spdlog::logger> logger_;
  /// Lines given to the logger, and those of them that it had no memory for. Relaxed: counts, each written by
  /// any thread.
  std::atomic<std::uint64_t> given_{0}, refused_{0};
  [[maybe_unused]] Output* const former_;
};

// Never destroyed, nor those before it: a thread may still log while the process ends, and may be blocked in
// it. Relaxed: replaced only before other threads start.
std::atomic<Output*>& current() {
  static std::atomic<Output*> output{new Output(Style::json, false, nullptr)};
  return output;
}

Output& output() {
  return *current().load(std::memory_order_relaxed);
}

std::atomic<Level> least_level{Level::info};

spdlog::level::level_enum spdlog_level(Level level) {
  switch (level) {
    case Level::trace:
      return spdlog::level::trace;
    case Level::debug:
      return spdlog::level::debug;
    case Level::info:
      return spdlog::level::info;
    case Level::warn:
      return spdlog::level::warn;
    case Level::error:
      break;
  }
  return spdlog::level::err;
}

}  // namespace

void start(Style style, Level least) {
  current().store(new Output(style, false, &output()), std::memory_order_relaxed);
  least_level.store(least, std::memory_order_relaxed);
}

bool write_in_background() {
  try {
    current().store(new Output(output().style, true, &output()), std::memory_order_relaxed);
  } catch (const std::exception&) {  // std::system_error, or what spdlog makes of it
    return false;
  }
  return true;
}

bool finish(std::chrono::milliseconds at_most) {
  const auto until = std::chrono::steady_clock::now() + at_most;
  while (!output().is_written()) {
    if (std::chrono::steady_clock::now() >= until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));  // at the process' end only
  }
  return true;
}

std::uint64_t dropped_lines() {
  return output().dropped();
}

Style style() {
  return output().style;
}

bool enabled(Level level) {
  return level >= least_level.load(std::memory_order_relaxed);
}

void write(Level level, std::string_view message, std::initializer_list<Field> fields) {
  if (!enabled(level)) return;
  Output& to = output();
  const std::string text = scrub::clean(
      to.style == Style::json ? json_line(std::chrono::system_clock::now(), level, message, fields)
                              : readable_text(message, fields));
  to.write(spdlog_level(level), text);
}

}  // namespace realtime::log
