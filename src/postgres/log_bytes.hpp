#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "realtime/log_hash.hpp"

#include "postgres/connection.hpp"

namespace realtime::postgres {

/// Why the server's log could not be read, as far as it matters to the caller.
enum class LogRefusal {
  removed,   ///< the server no longer has this part of its log
  refused,   ///< it does not give its log, or has no walsender free: another time or never
  stopping,  ///< it is stopping (or starting), and gives no more of it
  failed,    ///< the connection failed, or the answer made no sense
};

/// The bytes [from, to) of the server's log as it stands on `timeline`, over a replication connection that is
/// not streaming: START_REPLICATION PHYSICAL without a slot, which any role with REPLICATION may, ended as
/// soon as the bytes are there. `to` is at most where the server has flushed and the timeline ends.
///
/// Blocks, at most for `timeout` and until the connection's stop signal comes. Afterwards the connection is good
/// for statements and for more of the log, and not for a slot's stream, which the walsender would end at once;
/// after an error it is of no use any more.
struct LogRead {
  std::string bytes;
  std::optional<LogRefusal> refusal;
  std::string why;  ///< what the server said, for people

  bool good() const { return !refusal; }
};
LogRead read_log(Connection& connection, Lsn from, Lsn to, std::uint32_t timeline,
                 std::chrono::milliseconds timeout = std::chrono::seconds(5));

/// What an error that the server gave means for reading its log.
LogRefusal log_refusal(const Error& error);

/// The hash of bytes of the log. Any thread.
LogHash hash_log_bytes(std::string_view bytes);

}  // namespace realtime::postgres
