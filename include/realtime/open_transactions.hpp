#pragma once

#include <string_view>

namespace realtime {

/// What PostgreSQL waits for before it makes a slot: the transactions that have written and are still open,
/// prepared ones too, which have no process.
inline constexpr std::string_view kSeeOpenTransactions =
    "See them: SELECT pid, xact_start AS since, query FROM pg_stat_activity WHERE backend_xid IS NOT NULL "
    "UNION ALL SELECT NULL, prepared, 'prepared transaction ' || gid FROM pg_prepared_xacts ORDER BY since;";

/// The statement alone.
inline constexpr std::string_view kOpenTransactions =
    kSeeOpenTransactions.substr(kSeeOpenTransactions.find("SELECT"));

}  // namespace realtime
