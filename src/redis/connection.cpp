#include "redis/connection.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

#include <poll.h>

namespace realtime::redis {
namespace {

constexpr std::size_t kPartsACall = 64;
constexpr std::size_t kReadBytes = 16 * 1024;
constexpr int kReadsAnAdvance =
    16;  // 256 KiB, well below what one reply may have: no server can keep us here

}  // namespace

Status Connection::open() {
  close();
  Result<std::vector<Address>> addresses = resolve(endpoint_);
  if (!addresses) return addresses.error();
  std::string password;
  if (endpoint_.password) {
    Result<std::string> read = endpoint_.password();
    if (!read) return read.error();
    password = std::move(*read);
  }
  addresses_ = std::move(*addresses);
  std::reverse(addresses_.begin(), addresses_.end());  // the next one is taken from the back
  greet(password);
  return begin_next_address();
}

void Connection::close() {
  stream_.reset();
  socket_ = FileDescriptor();
  addresses_.clear();
  greetings_.clear();
  output_.clear();
  reader_.reset();
  state_ = State::closed;
  answered_ = false;
}

void Connection::begin_wait() {
  last_progress_ = std::chrono::steady_clock::now();
}

Status Connection::begin_next_address() {
  while (!addresses_.empty()) {
    const Address address = addresses_.back();
    addresses_.pop_back();
    Result<FileDescriptor> begun = begin_connect(address);
    if (!begun && addresses_.empty()) {
      close();
      return Error{begun.error().kind,
                   "no connection to Redis at " + endpoint_.text() + ": " + begun.error().message};
    }
    if (!begun) continue;
    stream_.reset();
    socket_ = std::move(*begun);
    state_ = State::connecting;
    begin_wait();
    return ok();
  }
  return Error{ErrorKind::redis_unreachable, "Redis at " + endpoint_.text() + " has no address"};
}

Status Connection::finish_connecting(bool* moved) {
  pollfd writable{socket_.get(), POLLOUT, 0};
  if (::poll(&writable, 1, 0) == 0) return ok();
  if (const int error = socket_error(socket_.get()); error != 0) {
    if (!addresses_.empty()) return begin_next_address();
    return Error{ErrorKind::redis_unreachable,
                 "no connection to Redis at " + endpoint_.text() + ": " + errno_text(error)};
  }
  *moved = true;
  addresses_.clear();
  if (!endpoint_.tls.enabled) {
    stream_ = plain_stream(socket_.get());
  } else {
    Result<std::unique_ptr<ByteStream>> stream = tls_stream(socket_.get(), endpoint_);
    if (!stream) return stream.error();
    stream_ = std::move(*stream);
  }
  state_ = State::securing;
  return ok();
}

Status Connection::secure() {
  const Result<bool> established = stream_->establish();
  if (!established) return established.error();
  if (*established) state_ = greetings_.empty() ? State::ready : State::greeting;
  return ok();
}

Status Connection::advance(TimePoint now) {
  if (state_ == State::closed) return Error{ErrorKind::redis_unreachable, "not connected to Redis"};
  bool moved = false;
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
  if (now < last_progress_ + endpoint_.silence) return ok();
  if (state_ == State::connecting && !addresses_.empty()) return begin_next_address();
  const auto seconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(endpoint_.silence).count() / 1000.0;
  char text[32];
  std::snprintf(text, sizeof text, "%g s", seconds);
  if (state_ == State::connecting)
    return Error{ErrorKind::redis_unreachable,
                 "no connection to Redis at " + endpoint_.text() + " within " + text};
  Error silent{ErrorKind::redis_timeout, "Redis at " + endpoint_.text() + " has been silent for " + text};
  if (state_ == State::securing) {
    silent.message += " in the TLS handshake";
    silent.remedy = "Check that HASH_REDIS_PORT is the TLS port of Redis, and that Redis is not overloaded.";
  }
  return silent;
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
  while (!output_.empty()) {
    std::array<iovec, kPartsACall> parts;
    const std::size_t used = output_.gather(parts);
    const Result<std::size_t> sent = stream_->send({parts.data(), used});
    if (!sent) return sent.error();
    if (*sent == 0) return ok();
    *moved = true;
    output_.advance(*sent);
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
      return Error{ErrorKind::redis_unreachable, "Redis at " + endpoint_.text() + " closed the connection"};
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
  short events = state_ == State::connecting ? POLLOUT : POLLIN;
  if (state_ >= State::greeting && !output_.empty()) events |= POLLOUT;
  if (stream_) events |= stream_->waits_for();
  return {socket_.get(), events, unread_ ? TimePoint{} : last_progress_ + endpoint_.silence};
}

}  // namespace realtime::redis
