#include "postgres/transaction_status.hpp"

#include <string>

#include "postgres/slot_columns.hpp"

namespace realtime::postgres {
namespace {

constexpr std::uint64_t kEpoch = std::uint64_t{1} << 32;

/// What pg_xact_status answers; NULL is too old.
Result<TransactionStatus> read_answer(std::string_view text) {
  if (text.empty()) return TransactionStatus::too_old;
  if (text == "committed") return TransactionStatus::committed;
  if (text == "aborted") return TransactionStatus::aborted;
  if (text == "in progress") return TransactionStatus::in_progress;
  return Error{ErrorKind::postgres_protocol, "pg_xact_status says something that is not understood"};
}

}  // namespace

std::vector<std::uint64_t> widen_xid(std::uint32_t xid, std::uint64_t next) {
  const std::uint64_t same = (next & ~(kEpoch - 1)) | xid;
  std::vector<std::uint64_t> all;
  if (same + kEpoch < next + kEpoch / 2) all.push_back(same + kEpoch);
  all.push_back(same);
  if (same >= kEpoch) all.push_back(same - kEpoch);
  return all;
}

Result<TransactionStatus> read_transaction_status(Connection& connection, std::uint32_t xid) {
  // The snapshot's end is behind the newest transactions, where none of them has ended: not to be compared with.
  const auto horizon =
      connection.query("SELECT pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())::text");
  if (!horizon) return horizon.error();
  const auto next = number_of<std::uint64_t>(horizon->text(0, 0));
  if (!next) return Error{ErrorKind::postgres_protocol, "the server does not tell its next transaction"};
  for (const std::uint64_t wide : widen_xid(xid, *next)) {
    const auto status =
        connection.query("SELECT pg_catalog.pg_xact_status('" + std::to_string(wide) + "'::pg_catalog.xid8)");
    if (status) return read_answer(status->text(0, 0));
    const bool in_future = status.error().message.find("(SQLSTATE 22023)") != std::string::npos;
    if (!in_future) return status.error();
  }
  return TransactionStatus::in_future;
}

}  // namespace realtime::postgres
