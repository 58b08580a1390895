#include "postgres/slot_columns.hpp"

#include <charconv>

#include "postgres/errors.hpp"

namespace realtime::postgres {

std::string slot_source(const Connection& connection, const std::string& slot) {
  return "(SELECT pg_catalog.to_jsonb(s) AS slot FROM pg_catalog.pg_replication_slots s WHERE s.slot_name "
         "= " +
         connection.literal(slot) + ")";
}

Result<Lsn> lsn_of(std::optional<std::string_view> text) {
  if (!text) return Lsn{};
  if (const std::optional<Lsn> lsn = parse_lsn(*text)) return *lsn;
  return Error{ErrorKind::postgres_protocol, "not an LSN: \"" + one_line(*text) + "\""};
}

template <typename Number>
std::optional<Number> number_of(std::string_view text) {
  Number value{};
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return value;
}
template std::optional<int> number_of(std::string_view);
template std::optional<std::int64_t> number_of(std::string_view);
template std::optional<std::uint32_t> number_of(std::string_view);
template std::optional<std::uint64_t> number_of(std::string_view);

Result<SlotFacts> slot_facts(const Rows& rows, int row, int first) {
  const Result<Lsn> confirmed = lsn_of(rows.value(row, first + 5));
  if (!confirmed) return confirmed.error();
  const Result<Lsn> restart = lsn_of(rows.value(row, first + 6));
  if (!restart) return restart.error();
  SlotFacts facts;
  facts.exists = true;
  facts.plugin = rows.text(row, first);
  facts.slot_type = rows.text(row, first + 1);
  facts.database = rows.text(row, first + 2);
  facts.active = rows.truth(row, first + 3);
  facts.active_pid = number_of<int>(rows.text(row, first + 4)).value_or(0);
  facts.confirmed_flush_lsn = *confirmed;
  facts.restart_lsn = *restart;
  facts.wal_status = rows.text(row, first + 7);
  facts.safe_wal_size = number_of<std::int64_t>(rows.text(row, first + 8));
  facts.temporary = rows.truth(row, first + 9);
  facts.two_phase = rows.truth(row, first + 10);
  return facts;
}

}  // namespace realtime::postgres
