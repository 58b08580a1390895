#pragma once

#include <string>

#include "postgres/rows.hpp"
#include "postgres/slot.hpp"

namespace realtime::postgres {

/// The columns of SlotFacts from a row of pg_replication_slots whose JSON is named `slot`. By JSON, because a
/// column that an older server does not have (wal_status before 13, two_phase before 14) is NULL then and no
/// error.
inline constexpr const char* kSlotColumns =
    "slot->>'plugin', slot->>'slot_type', slot->>'database', (slot->>'active')::bool, slot->>'active_pid', "
    "slot->>'confirmed_flush_lsn', slot->>'restart_lsn', slot->>'wal_status', slot->>'safe_wal_size', "
    "(slot->>'temporary')::bool, (slot->>'two_phase')::bool";
inline constexpr int kSlotColumnCount = 11;

/// "(SELECT to_jsonb(s) AS slot FROM pg_replication_slots s WHERE slot_name = 'x')"
std::string slot_source(const Connection& connection, const std::string& slot);

/// The facts in `row`, the columns beginning at `first`. A position that cannot be read is postgres_protocol.
Result<SlotFacts> slot_facts(const Rows& rows, int row, int first);

/// Where the log of the server ends, for a SELECT list.
inline constexpr const char* kWalEnd =
    "CASE WHEN pg_catalog.pg_is_in_recovery() THEN "
    "coalesce(pg_catalog.pg_last_wal_receive_lsn(), pg_catalog.pg_last_wal_replay_lsn()) "
    "ELSE pg_catalog.pg_current_wal_flush_lsn() END";

/// An LSN of the server: none is zero, anything unreadable is postgres_protocol.
Result<Lsn> lsn_of(std::optional<std::string_view> text);

/// A number of the server; anything unreadable is none.
template <typename Number>
std::optional<Number> number_of(std::string_view text);

}  // namespace realtime::postgres
