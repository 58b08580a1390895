#pragma once

#include <vector>

#include "base/clock.hpp"
#include "redis/byte_stream.hpp"
#include "redis/endpoint.hpp"
#include "redis/output.hpp"
#include "redis/reply.hpp"
#include "redis/socket.hpp"

namespace realtime::redis {

/// One client connection to Redis, plain or TLS, TCP or unix socket, that never waits for the network:
///
///   closed -> connecting -> securing (TLS) -> greeting (AUTH, SELECT, CLIENT SETNAME) -> ready
///
/// Operation: open(), write commands into output() at any time, begin_wait(), then advance() and next_reply()
/// until every reply is there; wait() says what to poll for meanwhile. Commands go out in order, after the
/// greeting; each reply belongs to the oldest command without one.
/// Concurrency: one thread at a time.
/// Limitations: open() resolves the host's name and blocks as long as the system's resolver does (seconds
/// when name servers are down), so it belongs on a thread that may wait: a writer's own.
class Connection {
 public:
  explicit Connection(Endpoint endpoint) : endpoint_(std::move(endpoint)) {}

  /// Resolves the name anew, reads the password anew and begins to connect. Closes what was open before.
  Status open();
  void close();
  bool is_open() const { return state_ != State::closed; }

  Output& output() { return output_; }
  /// From now on silence counts: without a byte in either direction for Endpoint::silence advance() fails.
  void begin_wait();

  /// Moves bytes in both directions as far as the socket lets them go. After an error replies that arrived
  /// before it may still be taken; then close().
  Status advance(TimePoint now);
  /// The next reply to a command of output(), or nothing yet.
  Result<std::optional<Reply>> next_reply();

  struct Wait {
    int fd = -1;
    short events = 0;
    TimePoint until = TimePoint::max();
  };
  Wait wait() const;

  const Endpoint& endpoint() const { return endpoint_; }

 private:
  enum class State { closed, connecting, securing, greeting, ready };
  enum class Greeting { auth, select, set_name };

  Status begin_next_address();
  Status finish_connecting(bool* moved);
  Status secure();
  void greet(const std::string& password);
  Status hear_greeting();
  Status send(bool* moved);
  Status receive(bool* moved);
  Status check_silence(TimePoint now);
  Error with_hint(Error error) const;

  const Endpoint endpoint_;
  State state_ = State::closed;
  std::vector<Address> addresses_;  ///< not yet tried
  FileDescriptor socket_;
  std::unique_ptr<ByteStream> stream_;  ///< before socket_ is closed it is gone
  Output output_;
  ReplyReader reader_;
  std::vector<Greeting> greetings_;  ///< without a reply, newest first
  TimePoint last_progress_{};
  bool answered_ = false;  ///< a whole reply has come on this connection
  bool unread_ = false;    ///< the last advance() left bytes that poll(2) may not tell of
};

}  // namespace realtime::redis
