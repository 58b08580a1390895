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
///   closed -> resolving -> connecting -> securing (TLS) -> greeting (AUTH, SELECT, CLIENT SETNAME) -> ready
///
/// A name with several addresses: each is tried until one is a server that takes writes. One that refuses, is
/// silent, loads or is a replica (ROLE, READONLY, MASTERDOWN) is passed over for the next; commands wait for
/// the greeting's end then, which costs one round trip more.
///
/// Operation: open(), write commands into output() at any time, begin_wait(), then advance() and next_reply()
/// until every reply is there; wait() says what to poll for meanwhile. Commands go out in order, after the
/// greeting; each reply belongs to the oldest command without one.
/// Concurrency: one thread at a time.
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
  enum class State { closed, resolving, connecting, securing, greeting, ready };
  enum class Greeting { auth, select, set_name, role, probe };

  // --- connection_open.cpp
  Status take_addresses();
  Status begin_next_address();
  bool may_try_next(const Error& error) const;
  Status finish_connecting(bool* moved);
  Status secure();
  std::string where() const;
  // --- connection_greeting.cpp
  Status greet();
  Status hear_greeting();
  Status judge_greeting(Greeting greeting, const redisReply& reply);
  Error is_replica() const;
  // --- connection.cpp
  Status move(TimePoint now);
  Status send(bool* moved);
  Status send(Output& output, bool* moved);
  Status receive(bool* moved);
  Status check_silence(TimePoint now);
  bool may_send_commands() const { return state_ == State::ready || !several_; }
  Duration patience() const;
  Error with_hint(Error error) const;

  const Endpoint endpoint_;
  State state_ = State::closed;
  net::Lookup lookup_;
  std::vector<net::Address> addresses_;  ///< not yet tried, the next one last
  net::Address address_;                 ///< of the socket
  bool several_ = false;                 ///< the name has more than one address
  Duration share_{};                     ///< of Endpoint::silence, for each of them until one is ready
  net::FileDescriptor socket_;
  std::unique_ptr<ByteStream> stream_;  ///< before socket_ is closed it is gone
  Output greeting_, output_;
  ReplyReader reader_;
  std::vector<Greeting> greetings_;  ///< without a reply, newest first
  TimePoint last_progress_{};
  bool answered_ = false;  ///< a whole reply has come on this connection
  bool unread_ = false;    ///< the last advance() left bytes that poll(2) may not tell of
};

}  // namespace realtime::redis
