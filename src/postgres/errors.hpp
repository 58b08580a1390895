#pragma once

#include <string>
#include <string_view>

#include "realtime/error.hpp"

namespace realtime::postgres {

/// What an error of the server (or of libpq, then without SQLSTATE) means to us. The first matching row of
/// the one table in errors.cpp decides. `context` is the error's CONTEXT field. Pure; any thread.
ErrorKind kind_of(std::string_view sqlstate, std::string_view text, std::string_view context = {});

/// What mends it, where its cause needs another remedy than its kind: with the marks <role> and <database>, which
/// filled() replaces. Empty: the kind's will do. Pure; any thread.
std::string remedy_of(std::string_view sqlstate, std::string_view text);
std::string filled(std::string remedy, std::string_view role, std::string_view database);

/// A failed connection attempt, from PQerrorMessage. With verbosity VERBOSE, set before the first
/// PQconnectPoll, the text carries the SQLSTATE; there is no PGresult to ask. Pure; any thread.
Error connect_error(std::string_view libpq_text);

/// A text of the server as part of a message of ours: one line, printable, bounded, without LOCATION lines.
std::string one_line(std::string_view text);

}  // namespace realtime::postgres
