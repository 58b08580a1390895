#pragma once

#include "http/response.hpp"

struct mg_connection;

namespace realtime::http {

/// Answers one request of CivetWeb's from the routes: 404 for an unknown path, 405 for other methods than GET
/// and HEAD, 500 where a handler throws. Returns the status, which tells CivetWeb that the request is done.
int answer(mg_connection* connection, const Routes& routes);

/// Answers what never became a request: no HTTP, too long, or too slow. Instead of CivetWeb's own text, which
/// calls gmtime() from several threads at a time.
int answer_unreadable(mg_connection* connection, int status);

}  // namespace realtime::http
