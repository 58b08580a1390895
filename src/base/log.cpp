#include "base/log.hpp"

#include <atomic>
#include <chrono>
#include <memory>

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "base/log_format.hpp"

namespace realtime::log {
namespace {

// spdlog does the output: one lock a line, a flush after it, colours on a terminal. The text is ours, because
// its patterns cannot escape JSON.
std::shared_ptr<spdlog::logger> make_logger(Style style) {
  spdlog::sink_ptr sink;
  if (style == Style::json) {
    sink = std::make_shared<spdlog::sinks::stdout_sink_mt>();
  } else {
    sink = std::make_shared<spdlog::sinks::stdout_color_sink_mt>();
  }
  auto logger = std::make_shared<spdlog::logger>("", std::move(sink));
  logger->set_pattern(style == Style::json ? "%v" : "%H:%M:%S.%e %^%-7l%$ %v");
  logger->set_level(spdlog::level::trace);
  logger->flush_on(spdlog::level::trace);
  // Standard output gone (a closed pipe): a log line is not worth ending the service, nor more noise.
  logger->set_error_handler([](const std::string&) {});
  return logger;
}

struct Output {
  Style style = Style::json;
  std::shared_ptr<spdlog::logger> logger = make_logger(Style::json);
};

// Never destroyed: a thread may still log while the process ends.
Output& output() {
  static Output& instance = *new Output;
  return instance;
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
  output().style = style;
  output().logger = make_logger(style);
  least_level.store(least, std::memory_order_relaxed);
}

bool enabled(Level level) {
  return level >= least_level.load(std::memory_order_relaxed);
}

void write(Level level, std::string_view message, std::initializer_list<Field> fields) {
  if (!enabled(level)) return;
  const std::string text = output().style == Style::json
                               ? json_line(std::chrono::system_clock::now(), level, message, fields)
                               : readable_text(message, fields);
  output().logger->log(spdlog_level(level), spdlog::string_view_t(text.data(), text.size()));
}

}  // namespace realtime::log
