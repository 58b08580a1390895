#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "redis/connection.hpp"

namespace realtime::redis {

/// Asks Redis and waits for the answer, at most Endpoint::silence a call: for start, take-over, checks and
/// the daemon's own thread; the queues have their own way (AtomicPush). One thread at a time.
class Client {
 public:
  using Command = std::vector<std::string>;

  /// `give_up` is asked several times a second while waiting: true ends the wait with an error of kind
  /// stopped.
  explicit Client(Endpoint endpoint, std::function<bool()> give_up = {})
      : connection_(std::move(endpoint)), give_up_(std::move(give_up)) {}

  /// Sends all commands at once, connecting first where needed; one reply each, error replies among them.
  /// After an error of the connection the next call connects anew.
  Result<std::vector<Reply>> ask(const std::vector<Command>& commands);
  /// The reply to one command; an error reply is an Error.
  Result<Reply> ask_one(const Command& command, std::string_view doing);
  void close() { connection_.close(); }

 private:
  Result<std::vector<Reply>> wait_for(std::size_t replies, TimePoint deadline);

  Connection connection_;
  std::function<bool()> give_up_;
};

}  // namespace realtime::redis
