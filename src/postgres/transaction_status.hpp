#pragma once

#include <cstdint>
#include <vector>

#include "realtime/slot_server.hpp"

#include "postgres/connection.hpp"

namespace realtime::postgres {

/// The 64-bit numbers that a transaction whose low half is `xid` may have, where `next` is about what the
/// server hands out next: the largest first. The first one that is not in the server's future is meant. Pure.
std::vector<std::uint64_t> widen_xid(std::uint32_t xid, std::uint64_t next);

/// How a transaction stands on this server, by pg_xact_status; any role may ask. A few round trips.
Result<TransactionStatus> read_transaction_status(Connection& connection, std::uint32_t xid);

}  // namespace realtime::postgres
