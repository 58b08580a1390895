#include "app/remedies.hpp"

#include "postgres/catalog/provider.hpp"
#include "postgres/catalog/publication.hpp"

namespace realtime {
namespace {

/// The stream asked for a publication that was not there when the change was made: it may be there by now,
/// and still will not do for this change.
std::string publication_remedy(postgres::Connection& connection, const Config& config) {
  const Result<bool> exists = publication_exists(connection, config.publication);
  if (!exists) return {};
  if (!*exists) return publication_statement(config.publication, config.tables, connection.server_version());
  return "The publication is there now, but was not when these changes were made. To have them: give the "
         "slot to wal2json (docs/operations.md, \"Changing the plugin of a slot\") until they are delivered. "
         "To pass over them: SELECT pg_replication_slot_advance(" +
         connection.literal(config.slot_name) + ", pg_current_wal_lsn()); and `hash-realtime accept-loss`.";
}

}  // namespace

Error with_remedy(Error error, const Config& config, const Wiring& wiring, int stop_fd) {
  const bool depends =
      error.kind == ErrorKind::postgres_wal_level || error.kind == ErrorKind::postgres_right_missing ||
      error.kind == ErrorKind::postgres_plugin_refused || error.kind == ErrorKind::postgres_publication;
  if (!depends || !error.remedy.empty()) return error;
  const auto options = wiring.postgres_options(stop_fd);
  if (!options) return error;
  auto connection = postgres::Connection::open(*options, postgres::ConnectionKind::ordinary);
  if (!connection) return error;
  if (error.kind == ErrorKind::postgres_publication) {
    error.remedy = publication_remedy(**connection, config);
    return error;
  }
  const auto provider = postgres::ask_provider(**connection);
  if (!provider) return error;
  error.remedy = postgres::remedy_for(*provider, error, config.postgres.user);
  if (error.kind == ErrorKind::postgres_plugin_refused && config.plugin == Plugin::wal2json)
    error.remedy += " Or set HASH_REALTIME_PLUGIN=pgoutput, which needs nothing on the server.";
  return error;
}

}  // namespace realtime
