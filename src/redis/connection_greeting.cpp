#include <algorithm>

#include "redis/connection.hpp"
#include "redis/replies.hpp"

namespace realtime::redis {
namespace {

/// A refused name is nobody's loss (an ACL user may lack it); a refusal of the client itself is not about the
/// name.
bool concerns_connection(const redisReply& reply) {
  if (!is_error(reply)) return false;
  const ErrorKind kind = kind_of(text_of(reply));
  return kind == ErrorKind::redis_busy || kind == ErrorKind::redis_authentication;
}

}  // namespace

/// Every command of the greeting goes out with the first bytes, so that a connection costs one round trip.
Status Connection::greet() {
  greetings_.clear();
  greeting_.clear();
  std::string password;
  if (endpoint_.password) {
    Result<std::string> read = endpoint_.password();
    if (!read) return read.error();
    password = std::move(*read);
  }
  if (!password.empty()) {
    if (endpoint_.username.empty()) {
      greeting_.command({"AUTH", password});
    } else {
      greeting_.command({"AUTH", endpoint_.username, password});
    }
    greetings_.push_back(Greeting::auth);
  }
  if (endpoint_.database != 0) {
    greeting_.command({"SELECT", std::to_string(endpoint_.database)});
    greetings_.push_back(Greeting::select);
  }
  if (!endpoint_.client_name.empty()) {
    std::string name = endpoint_.client_name;  // Redis takes neither spaces nor control characters
    std::replace_if(
        name.begin(), name.end(), [](unsigned char c) { return c <= 0x20 || c > 0x7e; }, '-');
    greeting_.command({"CLIENT", "SETNAME", name});
    greetings_.push_back(Greeting::set_name);
  }
  if (several_) {
    greeting_.command({"ROLE"});
    greetings_.push_back(Greeting::role);
  }
  std::reverse(greetings_.begin(), greetings_.end());
  return ok();
}

Status Connection::hear_greeting() {
  while (!greetings_.empty()) {
    Result<std::optional<Reply>> reply = reader_.next();
    if (!reply) return with_hint(reply.error());
    if (!*reply) return ok();
    answered_ = true;
    const Greeting greeting = greetings_.back();
    greetings_.pop_back();
    if (Status heard = judge_greeting(greeting, ***reply); !heard) return heard;
  }
  if (state_ == State::greeting) {
    state_ = State::ready;
    addresses_.clear();
  }
  return ok();
}

Status Connection::judge_greeting(Greeting greeting, const redisReply& reply) {
  switch (greeting) {
    case Greeting::role: {
      const auto parts = elements_of(reply);
      const bool told =
          reply.type == REDIS_REPLY_ARRAY && !parts.empty() && parts[0]->type == REDIS_REPLY_STRING;
      if (told && text_of(*parts[0]) == "slave") return is_replica();
      if (told || endpoint_.probe_key.empty()) return ok();
      // Not allowed. Options that exclude each other are a syntax error, said by a server that takes writes.
      greeting_.command({"SET", endpoint_.probe_key, "", "NX", "XX"});
      greetings_.insert(greetings_.begin(), Greeting::probe);
      return ok();
    }
    case Greeting::probe:
      if (is_error(reply) && kind_of(text_of(reply)) == ErrorKind::redis_read_only) return is_replica();
      if (is_error(reply) && kind_of(text_of(reply)) == ErrorKind::redis_loading)
        return error_from(text_of(reply), "no connection to Redis at " + where());
      return ok();
    case Greeting::set_name:
      if (!concerns_connection(reply)) return ok();
      break;
    case Greeting::auth:
    case Greeting::select:
      break;
  }
  if (is_status(reply, "OK")) return ok();
  const std::string doing = greeting == Greeting::select
                                ? "Redis refused to select database " + std::to_string(endpoint_.database)
                                : std::string("Redis refused the login");
  if (is_error(reply)) return error_from(text_of(reply), doing);
  return Error{ErrorKind::redis_unknown, doing + ": it answered out of step"};
}

Error Connection::is_replica() const {
  return {ErrorKind::redis_read_only, "Redis at " + where() + " is a replica, which takes no writes"};
}

}  // namespace realtime::redis
