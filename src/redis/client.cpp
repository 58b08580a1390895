#include "redis/client.hpp"

#include <algorithm>

#include <poll.h>

#include "redis/replies.hpp"

namespace realtime::redis {
namespace {

constexpr std::chrono::milliseconds kSlice{100};  // how soon a wish to stop is heard

std::string seconds(std::chrono::milliseconds time) {
  char text[32];
  std::snprintf(text, sizeof text, "%g s", static_cast<double>(time.count()) / 1000);
  return text;
}

}  // namespace

Result<std::vector<Reply>> Client::ask(const std::vector<Command>& commands) {
  if (!connection_.is_open()) {
    if (Status opened = connection_.open(); !opened) {
      connection_.close();
      return opened.error();
    }
  }
  connection_.begin_wait();
  for (const Command& command : commands) {
    connection_.output().begin_command(command.size());
    for (const std::string& argument : command) connection_.output().argument(argument);
  }
  Result<std::vector<Reply>> replies =
      wait_for(commands.size(), std::chrono::steady_clock::now() + connection_.endpoint().silence);
  if (!replies) connection_.close();
  return replies;
}

Result<Reply> Client::ask_one(const Command& command, std::string_view doing) {
  Result<std::vector<Reply>> replies = ask({command});
  if (!replies) return replies.error();
  Reply& reply = replies->front();
  if (is_error(*reply)) return error_from(text_of(*reply), doing);
  return std::move(reply);
}

Result<std::vector<Reply>> Client::wait_for(std::size_t count, TimePoint deadline) {
  std::vector<Reply> replies;
  for (;;) {
    const TimePoint now = std::chrono::steady_clock::now();
    const Status moved = connection_.advance(now);
    while (replies.size() < count) {
      Result<std::optional<Reply>> reply = connection_.next_reply();
      if (!reply) return reply.error();
      if (!*reply) break;
      replies.push_back(std::move(**reply));
    }
    if (replies.size() == count) return replies;
    if (!moved) return moved.error();
    if (now >= deadline) {
      return Error{ErrorKind::redis_timeout, "Redis at " + connection_.endpoint().text() +
                                                 " did not answer within " +
                                                 seconds(connection_.endpoint().silence)};
    }
    if (give_up_ && give_up_()) return Error{ErrorKind::stopped, "stopped while waiting for Redis"};
    const Connection::Wait wait = connection_.wait();
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::min(wait.until, deadline) - now);
    pollfd ready{wait.fd, wait.events, 0};
    ::poll(&ready, 1, static_cast<int>(std::clamp(left, std::chrono::milliseconds{1}, kSlice).count()));
  }
}

}  // namespace realtime::redis
