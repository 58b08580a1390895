#include <algorithm>

#include <poll.h>

#include "redis/connection.hpp"

// How a connection begins: the name's addresses, one after the other, until one is ready.

namespace realtime::redis {

Status Connection::open() {
  close();
  begin_wait();
  if (endpoint_.host.starts_with('/')) {
    const auto address = net::unix_address(endpoint_.host);
    if (!address) return Error{ErrorKind::redis_unreachable, "the path of Redis' unix socket is too long"};
    addresses_ = {*address};
    share_ = endpoint_.silence;
    return begin_next_address();
  }
  lookup_ = endpoint_.resolver->ask(endpoint_.host);
  state_ = State::resolving;
  return lookup_.answer() == nullptr ? ok() : take_addresses();
}

void Connection::close() {
  stream_.reset();
  socket_ = net::FileDescriptor();
  lookup_ = {};
  addresses_.clear();
  several_ = false;
  greetings_.clear();
  greeting_.clear();
  output_.clear();
  reader_.reset();
  state_ = State::closed;
  answered_ = false;
}

/// The resolver has answered.
Status Connection::take_addresses() {
  const net::Answer answer = *lookup_.answer();
  lookup_ = {};
  if (answer.addresses.empty()) {
    close();
    return Error{ErrorKind::redis_unreachable,
                 "the name of Redis' host '" + endpoint_.host + "' could not be resolved: " + answer.failure};
  }
  addresses_ = answer.addresses;
  std::reverse(addresses_.begin(), addresses_.end());  // the next one is taken from the back
  several_ = addresses_.size() > 1;
  share_ = Duration(endpoint_.silence) / static_cast<int>(addresses_.size());
  return begin_next_address();
}

Status Connection::begin_next_address() {
  for (;;) {
    stream_.reset();
    socket_ = net::FileDescriptor();
    reader_.reset();
    answered_ = false;
    address_ = addresses_.back();
    addresses_.pop_back();
    address_.set_port(endpoint_.port);
    if (Status greeted = greet(); !greeted) {
      close();
      return greeted;
    }
    Result<net::FileDescriptor> begun = begin_connect(address_);
    if (begun) {
      socket_ = std::move(*begun);
      state_ = State::connecting;
      begin_wait();
      return ok();
    }
    if (!addresses_.empty()) continue;
    const std::string to = where();
    close();
    return Error{begun.error().kind, "no connection to Redis at " + to + ": " + begun.error().message};
  }
}

/// Whether another address may do what this one does not.
bool Connection::may_try_next(const Error& error) const {
  if (state_ <= State::resolving || state_ == State::ready || addresses_.empty()) return false;
  switch (error.kind) {
    case ErrorKind::redis_unreachable:
    case ErrorKind::redis_timeout:
    case ErrorKind::redis_read_only:
    case ErrorKind::redis_loading:
    case ErrorKind::redis_busy:
      return true;
    default:
      return false;
  }
}

Status Connection::finish_connecting(bool* moved) {
  pollfd writable{socket_.get(), POLLOUT, 0};
  if (::poll(&writable, 1, 0) == 0) return ok();
  if (const int error = socket_error(socket_.get()); error != 0) {
    return Error{ErrorKind::redis_unreachable,
                 "no connection to Redis at " + where() + ": " + errno_text(error)};
  }
  *moved = true;
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

/// The server, and which of its addresses where there are several.
std::string Connection::where() const {
  return several_ ? endpoint_.text() + " (" + address_.text() + ")" : endpoint_.text();
}

}  // namespace realtime::redis
