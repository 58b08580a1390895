#include "base/log_sink.hpp"

#include <cerrno>

#include <poll.h>
#include <unistd.h>

namespace realtime::log {
namespace {

using Steady = std::chrono::steady_clock;

/// While lines go on being lost, they are spoken of this often.
constexpr std::chrono::seconds kNoticeInterval{10};

constexpr std::string_view kReset = "\033[m";

std::string_view colour_of(spdlog::level::level_enum level) {
  switch (level) {
    case spdlog::level::trace:
      return "\033[37m";
    case spdlog::level::debug:
      return "\033[36m";
    case spdlog::level::info:
      return "\033[32m";
    case spdlog::level::warn:
      return "\033[33m\033[1m";
    default:
      return "\033[31m\033[1m";
  }
}

/// How much of it was written: less than all where the rest cannot be. What others have made non-blocking is
/// waited for like the rest.
std::size_t write_all(int fd, std::string_view text) {
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t written = ::write(fd, text.data() + done, text.size() - done);
    if (written >= 0) {
      done += static_cast<std::size_t>(written);
    } else if (errno == EAGAIN) {
      pollfd one{fd, POLLOUT, 0};
      if (::poll(&one, 1, -1) < 0 && errno != EINTR) break;
    } else if (errno != EINTR) {
      break;
    }
  }
  return done;
}

}  // namespace

DescriptorSink::DescriptorSink(int fd, bool coloured, News news)
    : fd_(fd), coloured_(coloured), news_(std::move(news)) {}

void DescriptorSink::sink_it_(const spdlog::details::log_msg& message) {
  message.color_range_start = message.color_range_end = 0;
  spdlog::memory_buf_t formatted;
  formatter_->format(message, formatted);
  std::string line(formatted.data(), formatted.size());
  if (coloured_ && message.color_range_end > message.color_range_start) {
    line.insert(message.color_range_end, kReset);
    line.insert(message.color_range_start, colour_of(message.level));
  }
  if (put(line)) {
    say_what_is_gone();
  } else {
    failed_.fetch_add(1, std::memory_order_relaxed);
  }
  handled_.fetch_add(1, std::memory_order_release);
}

bool DescriptorSink::put(std::string_view line) {
  if (torn_ && write_all(fd_, "\n") == 0) return false;
  const std::size_t written = write_all(fd_, line);
  torn_ = written > 0 && written < line.size();
  return written == line.size();
}

/// Where the gap is, if it is the first one for a while; else once the rest has been written.
void DescriptorSink::say_what_is_gone() {
  const std::uint64_t gone = news_.lost() + failed();
  if (gone == said_) return;
  const auto now = Steady::now();
  if (said_at_ != Steady::time_point{} && now - said_at_ < kNoticeInterval && !news_.caught_up()) return;
  if (!put(news_.notice(gone - said_) + "\n")) return;
  said_ = gone;
  said_at_ = now;
}

}  // namespace realtime::log
