#include "check/postgres_side.hpp"

#include <iterator>

namespace realtime::preflight {

Result<std::unique_ptr<postgres::Connection>> PostgresSide::connect(postgres::ConnectionKind kind) const {
  auto options = wiring.postgres_options(deadline.fd());
  if (!options) return options.error();
  options->connect_timeout = std::chrono::seconds(5);
  options->query_timeout = std::chrono::seconds(4);
  auto opened = postgres::Connection::open(*options, kind);
  // A catalogue that somebody has locked costs one check its answer, not all that follow theirs.
  if (opened && kind == postgres::ConnectionKind::ordinary) {
    if (const auto set = (*opened)->query("SET lock_timeout = '1s'"); !set) return set.error();
  }
  return opened;
}

std::string PostgresSide::setting(const std::string& name) const {
  const auto found = settings.find(name);
  return found == settings.end() ? std::string() : found->second;
}

Findings check_postgres(PostgresSide& side) {
  Findings findings = detail::check_server(side);
  for (const auto check : {&detail::check_slot, &detail::check_tables}) {
    if (!side.reachable()) break;
    Findings more = check(side);
    findings.insert(findings.end(), std::make_move_iterator(more.begin()),
                    std::make_move_iterator(more.end()));
  }
  return findings;
}

}  // namespace realtime::preflight
