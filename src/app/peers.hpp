#pragma once

#include <string>
#include <vector>

#include "realtime/result.hpp"

#include "config/config.hpp"
#include "postgres/connection.hpp"
#include "status/service_facts.hpp"

namespace realtime {

/// How a monitor's connection is called in pg_stat_activity, so that the other instances of the slot see this
/// one: "hash-realtime:<slot><fingerprint><o|s> <instance>", hashes as 8 digits, at most 63 bytes (the end of
/// a longer instance name is kept). Pure.
std::string peer_name(const Config& config, const ServiceFacts& facts);

/// How the name of an owner begins that does the same work. Pure.
std::string owner_peer_prefix(const Config& config);

/// What such a name says of an instance; none: it is not of this slot. `own` is our own name. Pure.
std::optional<PeerFacts> parse_peer_name(std::string_view name, std::string_view own);

/// The other instances of the slot that the server shows us, at most 100: of our own role, because anybody may
/// call his connection so. Over an ordinary connection that is
/// called `own`; one round trip.
Result<std::vector<PeerFacts>> read_peers(postgres::Connection& connection, std::string_view own);

}  // namespace realtime
