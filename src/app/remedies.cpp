#include "app/remedies.hpp"

#include "app/preflight/provider.hpp"

namespace realtime {

Error with_remedy(Error error, const Config& config, const Wiring& wiring, int stop_fd) {
  const bool depends = error.kind == ErrorKind::postgres_wal_level ||
                       error.kind == ErrorKind::postgres_right_missing ||
                       error.kind == ErrorKind::postgres_plugin_refused;
  if (!depends || !error.remedy.empty()) return error;
  const auto options = wiring.postgres_options(stop_fd);
  if (!options) return error;
  auto connection = postgres::Connection::open(*options, postgres::ConnectionKind::ordinary);
  if (!connection) return error;
  const auto provider = preflight::ask_provider(**connection);
  if (!provider) return error;
  error.remedy = preflight::remedy_for(*provider, error, config.postgres.user);
  if (error.kind == ErrorKind::postgres_plugin_refused && config.plugin == Plugin::wal2json)
    error.remedy += " Or set HASH_REALTIME_PLUGIN=pgoutput, which needs nothing on the server.";
  return error;
}

}  // namespace realtime
