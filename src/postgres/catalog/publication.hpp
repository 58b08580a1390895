#pragma once

#include <string>

#include "realtime/result.hpp"

#include "config/config.hpp"
#include "postgres/connection.hpp"

namespace realtime {

/// The statement that makes the publication for the monitored tables: for single tables by name, for all
/// tables of a schema (new ones are then picked up), or for all tables where a pattern needs it or the server
/// is too old for schemas (`server_version` as PQserverVersion() has it). What is excluded, and what a wider
/// publication brings along, is left out by the decoder. Pure.
std::string publication_statement(const std::string& name, const TablePatterns& tables, int server_version);

/// Over any connection.
Result<bool> publication_exists(postgres::Connection& connection, const std::string& name);

/// Makes the publication where it is missing; over any connection. What the role may not do is an error of
/// kind postgres_publication whose remedy is the exact statement. Must be there before the slot is: decoding
/// looks for it as of each change's moment.
Status ensure_publication(postgres::Connection& connection, const Config& config);

}  // namespace realtime
