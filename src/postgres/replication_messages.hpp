#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <variant>

#include "realtime/lsn.hpp"
#include "realtime/result.hpp"

namespace realtime::postgres {

/// What the walsender sends inside CopyData (PostgreSQL documentation, "Streaming Replication Protocol").
/// Values; `payload` points into the bytes that were parsed. Pure functions; any thread.
struct XLogData {
  Lsn start;
  Lsn wal_end;
  std::int64_t sent_at_us = 0;  ///< the server's clock, microseconds since 2000-01-01 UTC
  std::string_view payload;
};

struct PrimaryKeepalive {
  Lsn wal_end;
  std::int64_t sent_at_us = 0;
  bool reply_requested = false;
};

using ReplicationMessage = std::variant<XLogData, PrimaryKeepalive>;

/// Reads one CopyData payload. Anything else than a whole message of the two kinds is postgres_protocol.
Result<ReplicationMessage> parse_replication_message(std::string_view bytes);

/// Bytes before the payload of an XLogData message.
inline constexpr std::size_t kXLogDataHeader = 25;
inline constexpr std::size_t kStatusUpdateSize = 34;

/// Builds a standby status update: `received` is written, `confirmed` is flushed and applied.
std::array<char, kStatusUpdateSize> build_status_update(Lsn received, Lsn confirmed, std::int64_t now_us,
                                                        bool ask_reply);

}  // namespace realtime::postgres
