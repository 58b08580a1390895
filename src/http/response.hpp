#pragma once

#include <functional>
#include <map>
#include <string>

namespace realtime::http {

/// What a route answers. A value.
struct Response {
  int status = 200;
  std::string content_type = "application/json; charset=utf-8";
  std::string body;
  std::string content_security_policy = "default-src 'none'";  ///< what a browser may do with the body
};

/// Answers one request. Called by any of the server's threads, by several at a time; must not block. What it
/// throws becomes a 500 without details.
using Handler = std::function<Response()>;

/// Path to handler; an exact match of the path as it was sent, the query left aside.
using Routes = std::map<std::string, Handler, std::less<>>;

}  // namespace realtime::http
