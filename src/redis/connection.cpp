#include "redis/connection.hpp"

#include <algorithm>
#include <array>

#include <poll.h>

namespace realtime::redis {
namespace {

constexpr Duration kResolving = std::chrono::seconds(5);  // then the question is asked anew (net::Resolver)
constexpr std::size_t kPartsACall = 64;
constexpr std::size_t kReadBytes = 16 * 1024;
constexpr int kReadsAnAdvance = 16;  // 256 KiB, below what one reply may have: no server can keep us here

}  // namespace

void Connection::begin_wait() {
  last_progress_ = std::chrono::steady_clock::now();
}

Status Connection::advance(TimePoint now) {
  Status moved = move(now);
  while (!moved && may_try_next(moved.error())) moved = begin_next_address();
  return moved;
}

Status Connection::move(TimePoint now) {
  if (state_ == State::closed) return Error{ErrorKind::redis_unreachable, "not connected to Redis"};
  bool moved = false;
  if (state_ == State::resolving && lookup_.answer() != nullptr) {
    if (Status status = take_addresses(); !status) return status;
  }
  if (state_ == State::connecting) {
    if (Status status = finish_connecting(&moved); !status) return status;
  }
  if (state_ == State::securing) {
    if (Status status = secure(); !status) return status;
  }
  if (state_ >= State::greeting) {
    const Status sent = send(&moved);
    // A server that refuses says why before it closes: hear it, also where sending has failed already.
    const Status received = receive(&moved);
    if (Status heard = hear_greeting(); !heard) return heard;
    if (!sent) return with_hint(sent.error());
    if (!received) return with_hint(received.error());
  }
  if (moved) last_progress_ = std::max(last_progress_, now);
  return check_silence(now);
}

Status Connection::check_silence(TimePoint now) {
  if (now < last_progress_ + patience()) return ok();
  const auto seconds = std::chrono::duration_cast<std::chrono::milliseconds>(patience()).count() / 1000.0;
  char text[32];
  std::snprintf(text, sizeof text, "%g s", seconds);
  if (state_ == State::resolving)
    return Error{ErrorKind::redis_unreachable, "the name of Redis' host '" + endpoint_.host +
                                                   "' could not be resolved: no answer within " + text};
  if (state_ == State::connecting)
    return Error{ErrorKind::redis_unreachable, "no connection to Redis at " + where() + " within " + text};
  Error silent{ErrorKind::redis_timeout, "Redis at " + where() + " has been silent for " + text};
  if (state_ == State::securing) {
    silent.message += " in the TLS handshake";
    silent.remedy = "Check that HASH_REDIS_PORT is the TLS port of Redis, and that Redis is not overloaded.";
  }
  return silent;
}

Duration Connection::patience() const {
  if (state_ == State::resolving) return std::min<Duration>(endpoint_.silence, kResolving);
  return state_ < State::ready ? share_ : Duration(endpoint_.silence);
}

/// A server that ends a connection without a single answer most often speaks TLS and was spoken to without.
Error Connection::with_hint(Error error) const {
  if (!answered_ && !endpoint_.tls.enabled)
    error.remedy =
        "If this Redis expects TLS, set HASH_REDIS_ENCRYPTED_TRANSIT=true. Else check that "
        "HASH_REDIS_HOST and HASH_REDIS_PORT name a Redis server.";
  return error;
}

Status Connection::send(bool* moved) {
  if (Status sent = send(greeting_, moved); !sent) return sent;
  return greeting_.empty() && may_send_commands() ? send(output_, moved) : ok();
}

Status Connection::send(Output& output, bool* moved) {
  while (!output.empty()) {
    std::array<iovec, kPartsACall> parts;
    const std::size_t used = output.gather(parts);
    const Result<std::size_t> sent = stream_->send({parts.data(), used});
    if (!sent) return sent.error();
    if (*sent == 0) return ok();
    *moved = true;
    output.advance(*sent);
  }
  return ok();
}

Status Connection::receive(bool* moved) {
  unread_ = false;
  std::array<char, kReadBytes> buffer;
  for (int i = 0; i < kReadsAnAdvance; ++i) {
    const Result<Received> got = stream_->receive(buffer);
    if (!got) return got.error();
    if (got->bytes > 0) {
      *moved = true;
      if (Status fed = reader_.feed({buffer.data(), got->bytes}); !fed) return fed;
    }
    if (got->ended)
      return Error{ErrorKind::redis_unreachable, "Redis at " + where() + " closed the connection"};
    if (got->drained) return ok();
  }
  unread_ = true;  // what TLS has decrypted already does not make the socket readable again
  return ok();
}

Result<std::optional<Reply>> Connection::next_reply() {
  if (state_ != State::ready) return std::optional<Reply>();
  Result<std::optional<Reply>> reply = reader_.next();
  if (!reply) return with_hint(reply.error());
  answered_ |= reply->has_value();
  return reply;
}

Connection::Wait Connection::wait() const {
  if (state_ == State::closed) return {};
  if (state_ == State::resolving) return {lookup_.fd(), POLLIN, last_progress_ + patience()};
  short events = state_ == State::connecting ? POLLOUT : POLLIN;
  const bool to_send = !greeting_.empty() || (may_send_commands() && !output_.empty());
  if (state_ >= State::greeting && to_send) events |= POLLOUT;
  if (stream_) events |= stream_->waits_for();
  return {socket_.get(), events, unread_ ? TimePoint{} : last_progress_ + patience()};
}

}  // namespace realtime::redis
