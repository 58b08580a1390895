#include "app/remedies.hpp"

#include "base/text.hpp"
#include "postgres/catalog/provider.hpp"
#include "postgres/catalog/publication.hpp"

namespace realtime {
namespace {

/// The stream asked for a publication that was not there when the change was made: it may be there by now,
/// and still will not do for this change.
std::string publication_remedy(postgres::Connection& connection, const Config& config) {
  const auto facts = read_publication(connection, config.publication);
  if (!facts) return {};
  if (!facts->exists) {
    const auto relations = postgres::read_relations(connection, config.publication);
    const int version = connection.server_version();
    return relations ? plan_publication(config, *relations, version).remedy(config, version) : std::string();
  }
  return "The publication is there now, but was not when these changes were made. To have them: give the "
         "slot to wal2json (docs/operations.md, \"Changing the plugin of a slot\") until they are delivered. "
         "Only where wal2json cannot be had, and they may be lost: SELECT pg_replication_slot_advance(" +
         connection.literal(config.slot_name) + ", pg_current_wal_lsn()); and `hash-realtime accept-loss`.";
}

std::string replaced(std::string text, std::string_view mark, const std::string& by) {
  for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + by.size()))
    text.replace(at, mark.size(), by);
  return text;
}

/// What must be asked of the server: ten more than it has now, and the name of its packages.
std::string filled_by_server(std::string text, ErrorKind kind, postgres::Connection& connection) {
  text = replaced(std::move(text), "<major>", std::to_string(connection.server_version() / 10000));
  const char* limit = kind == ErrorKind::postgres_no_free_slot        ? "max_replication_slots"
                      : kind == ErrorKind::postgres_no_free_walsender ? "max_wal_senders"
                                                                      : nullptr;
  if (limit == nullptr) return text;
  const auto now =
      connection.query(std::string("SELECT pg_catalog.current_setting('") + limit + "')::int + 10");
  return now && !now->empty() ? replaced(std::move(text), "<more>", std::string(now->text(0, 0))) : text;
}

bool depends_on_server(const Error& error) {
  if (!error.remedy.empty()) return false;  // its cause is known better
  switch (error.kind) {
    case ErrorKind::postgres_wal_level:
    case ErrorKind::postgres_right_missing:
    case ErrorKind::postgres_plugin_refused:
    case ErrorKind::postgres_plugin_missing:
    case ErrorKind::postgres_publication:
    case ErrorKind::postgres_no_free_slot:
    case ErrorKind::postgres_no_free_walsender:
      return true;
    default:
      return false;
  }
}

/// The remedy that only the server can tell; empty where it cannot be asked.
std::string remedy_of_server(const Error& error, const Config& config, const Wiring& wiring, int stop_fd) {
  const auto options = wiring.postgres_options(stop_fd);
  if (!options) return {};
  auto connection = postgres::Connection::open(*options, postgres::ConnectionKind::ordinary);
  if (!connection) return {};
  if (error.kind == ErrorKind::postgres_publication) return publication_remedy(**connection, config);
  const auto provider = postgres::ask_provider(**connection);
  if (!provider) return {};
  std::string remedy = postgres::remedy_for(*provider, error, config.postgres.user);
  if (error.kind == ErrorKind::postgres_plugin_refused && config.plugin == Plugin::wal2json)
    remedy += " Or set HASH_REALTIME_PLUGIN=pgoutput, which needs no library, only a publication.";
  return filled_by_server(std::move(remedy), error.kind, **connection);
}

}  // namespace

Error with_remedy(Error error, const Config& config, const Wiring& wiring, int stop_fd) {
  if (depends_on_server(error)) error.remedy = remedy_of_server(error, config, wiring, stop_fd);
  std::string remedy(error.what_to_do());
  remedy = replaced(std::move(remedy), "\"<HASH_PG_USER>\"", sql_name(config.postgres.user));
  remedy = replaced(std::move(remedy), "\"<HASH_REALTIME_PUBLICATION>\"", sql_name(config.publication));
  error.remedy = replaced(std::move(remedy), "<slot>", config.slot_name);
  return error;
}

}  // namespace realtime
