#include "http/answer.hpp"

#include <cstdio>
#include <cstring>

#include <civetweb.h>

#include "base/scrub.hpp"

namespace realtime::http {
namespace {

Response refusal(int status, const char* words) {
  return {status, "application/json; charset=utf-8", std::string("{\"error\":\"") + words + "\"}\n"};
}

Response choose(const mg_request_info& request, const Routes& routes) {
  const std::string_view method = request.request_method;
  const auto route = routes.find(std::string_view(request.local_uri != nullptr ? request.local_uri : ""));
  if (route == routes.end()) return refusal(404, "no such path");
  if (method != "GET" && method != "HEAD") return refusal(405, "only GET and HEAD");
  try {
    return route->second();
  } catch (...) {  // nothing of what it says may be shown, and no thread of CivetWeb may be unwound
    return refusal(500, "internal error");
  }
}

const char* reason_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 413:
      return "Payload Too Large";
    case 503:
      return "Service Unavailable";
    default:
      return status < 500 ? "Refused" : "Internal Server Error";
  }
}

std::string head_of(const Response& response) {
  std::string head =
      "HTTP/1.1 " + std::to_string(response.status) + " " + reason_of(response.status) + "\r\n";
  head += "Content-Type: " + response.content_type + "\r\n";
  head += "Content-Length: " + std::to_string(response.body.size()) + "\r\n";
  head += "Content-Security-Policy: " + response.content_security_policy + "\r\n";
  if (response.status == 405) head += "Allow: GET, HEAD\r\n";
  return head +=
         "Cache-Control: no-store\r\n"
         "X-Content-Type-Options: nosniff\r\n"
         "X-Frame-Options: DENY\r\n"
         "Referrer-Policy: no-referrer\r\n"
         "Connection: close\r\n\r\n";
}

}  // namespace

int answer(mg_connection* connection, const Routes& routes) {
  try {
    const mg_request_info& request = *mg_get_request_info(connection);
    Response response = choose(request, routes);
    response.body = scrub::clean(std::move(response.body));
    std::string text = head_of(response);
    if (std::strcmp(request.request_method, "HEAD") != 0) text += response.body;
    mg_write(connection, text.data(), text.size());
    return response.status;
  } catch (...) {  // out of memory: the connection closes without an answer
    return 500;
  }
}

int answer_unreadable(mg_connection* connection, int status) {
  try {
    const Response response = refusal(status, reason_of(status));
    const std::string text = head_of(response) + response.body;
    mg_write(connection, text.data(), text.size());
  } catch (...) {  // as above
  }
  return 0;  // it is answered
}

}  // namespace realtime::http
