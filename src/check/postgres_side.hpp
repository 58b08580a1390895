#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "check/deadline.hpp"
#include "check/finding.hpp"
#include "config/config.hpp"
#include "postgres/catalog/provider.hpp"
#include "postgres/connection.hpp"
#include "postgres/slot.hpp"
#include "wiring/wiring.hpp"

namespace realtime::preflight {

/// PostgreSQL as the checks see it: what one finds, the next ones use. One thread.
struct PostgresSide {
  PostgresSide(const Config& its_config, const Wiring& its_wiring, const Deadline& its_deadline)
      : config(its_config), wiring(its_wiring), deadline(its_deadline) {}

  const Config& config;
  const Wiring& wiring;
  const Deadline& deadline;

  bool tried = false;                         ///< the first check connects
  std::unique_ptr<postgres::Connection> sql;  ///< an ordinary connection
  std::unique_ptr<postgres::Connection> walsender;
  postgres::Provider provider = postgres::Provider::self_managed;
  std::optional<postgres::ServerFacts> server;
  std::optional<postgres::SlotFacts> slot;      ///< none: could not be read
  std::map<std::string, std::string> settings;  ///< in their base unit, as pg_settings has them
  TimelineHistory timelines;
  bool publishes_generated = false;  ///< of pgoutput's publication

  bool reachable() const { return !tried || (sql && sql->usable()); }
  Result<std::unique_ptr<postgres::Connection>> connect(postgres::ConnectionKind kind) const;
  std::string plugin() const { return wiring.configured_filter().plugin; }
  std::string setting(const std::string& name) const;  ///< empty: the server does not have it
  std::string remedy(const Error& error) const {
    return postgres::remedy_for(provider, error, config.postgres.user);
  }
};

/// The tables of checks: server and rights; the slot; the monitored tables.
Findings check_postgres(PostgresSide& side);

namespace detail {
Findings check_server(PostgresSide& side);
Findings check_slot(PostgresSide& side);
Findings check_tables(PostgresSide& side);
/// Whether the output plugin may be used: tried with a temporary slot, which is gone with its connection.
/// Where it may not, whether the other may.
void try_plugin(PostgresSide& side, Notes& notes);
/// Whether pgoutput's publication is there, or can be made (tried and rolled back), and is complete.
bool check_publication(PostgresSide& side, Notes& notes);
}  // namespace detail

}  // namespace realtime::preflight
