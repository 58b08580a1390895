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
void Connection::greet(const std::string& password) {
  if (!password.empty()) {
    if (endpoint_.username.empty()) {
      output_.command({"AUTH", password});
    } else {
      output_.command({"AUTH", endpoint_.username, password});
    }
    greetings_.push_back(Greeting::auth);
  }
  if (endpoint_.database != 0) {
    output_.command({"SELECT", std::to_string(endpoint_.database)});
    greetings_.push_back(Greeting::select);
  }
  if (!endpoint_.client_name.empty()) {
    std::string name = endpoint_.client_name;  // Redis takes neither spaces nor control characters
    std::replace_if(
        name.begin(), name.end(), [](unsigned char c) { return c <= 0x20 || c > 0x7e; }, '-');
    output_.command({"CLIENT", "SETNAME", name});
    greetings_.push_back(Greeting::set_name);
  }
  std::reverse(greetings_.begin(), greetings_.end());
}

Status Connection::hear_greeting() {
  while (!greetings_.empty()) {
    Result<std::optional<Reply>> reply = reader_.next();
    if (!reply) return with_hint(reply.error());
    if (!*reply) return ok();
    answered_ = true;
    const Greeting greeting = greetings_.back();
    greetings_.pop_back();
    if (is_status(***reply, "OK")) continue;
    if (greeting == Greeting::set_name && !concerns_connection(***reply)) continue;
    const std::string doing = greeting == Greeting::select
                                  ? "Redis refused to select database " + std::to_string(endpoint_.database)
                                  : std::string("Redis refused the login");
    if (is_error(***reply)) return error_from(text_of(***reply), doing);
    return Error{ErrorKind::redis_unknown, doing + ": it answered out of step"};
  }
  if (state_ == State::greeting) state_ = State::ready;
  return ok();
}

}  // namespace realtime::redis
