#include "postgres/catalog/publication.hpp"

#include <algorithm>
#include <vector>

#include "base/log.hpp"

namespace realtime {
namespace {

/// An SQL identifier that needs no connection to be quoted: UTF-8, quotes doubled.
std::string identifier(const std::string& name) {
  std::string quoted = "\"";
  for (const char c : name) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + "\"";
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
  return text;
}

}  // namespace

std::string publication_statement(const std::string& name, const TablePatterns& tables, int server_version) {
  const bool knows_schemas = server_version >= 150000;
  const std::string head = "CREATE PUBLICATION " + identifier(name) + " FOR ";
  std::vector<std::string> schemas, single;
  for (const TablePattern& pattern : tables.patterns()) {
    const bool whole_schema = !pattern.table;
    if (!pattern.schema || (whole_schema && !knows_schemas)) return head + "ALL TABLES;";
    if (whole_schema) schemas.push_back(identifier(*pattern.schema));
  }
  for (const TablePattern& pattern : tables.patterns()) {
    const bool covered =
        !pattern.table || std::count(schemas.begin(), schemas.end(), identifier(*pattern.schema)) > 0;
    if (!covered) single.push_back(identifier(*pattern.schema) + "." + identifier(*pattern.table));
  }
  std::vector<std::string> clauses;
  if (!single.empty()) clauses.push_back("TABLE " + joined(single));
  if (!schemas.empty()) clauses.push_back("TABLES IN SCHEMA " + joined(schemas));
  return head + joined(clauses) + ";";
}

Result<bool> publication_exists(postgres::Connection& connection, const std::string& name) {
  const auto found =
      connection.query("select 1 from pg_catalog.pg_publication where pubname = " + connection.literal(name));
  if (!found) return found.error();
  return !found->empty();
}

Status ensure_publication(postgres::Connection& connection, const Config& config) {
  const std::string& name = config.publication;
  const Result<bool> exists = publication_exists(connection, name);
  if (!exists) return exists.error();
  if (*exists) return ok();
  const std::string statement = publication_statement(name, config.tables, connection.server_version());
  const auto made = connection.query(statement);
  if (made) {
    log::info("the publication was made",
              {{"slot", config.slot_name}, {"publication", name}, {"statement", statement}});
    return ok();
  }
  if (!connection.usable()) return made.error();
  return Error{ErrorKind::postgres_publication,
               "publication " + name + " does not exist and could not be made: " + made.error().message,
               "As a superuser (or the tables' owner): " + statement};
}

}  // namespace realtime
