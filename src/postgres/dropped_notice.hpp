#pragma once

#include <optional>
#include <string_view>

namespace realtime::postgres {

/// The table of wal2json's warning `no tuple identifier for UPDATE in table "public"."t"` (DELETE likewise),
/// as it stands there, with its quotes; none for any other notice. Points into `message`. Pure; any thread.
inline std::optional<std::string_view> table_without_identity(std::string_view message) {
  constexpr std::string_view kHead = "no tuple identifier for ", kBefore = " in table ";
  if (!message.starts_with(kHead)) return std::nullopt;
  const std::size_t at = message.find(kBefore, kHead.size());
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view table = message.substr(at + kBefore.size());
  if (table.size() < 2 || table.front() != '"' || table.back() != '"') return std::nullopt;
  return table;
}

/// PostgreSQL 18's warning that a publication was not there when the changes were made: it leaves them out,
/// where older servers fail. Pure; any thread.
inline bool is_publication_skipped(std::string_view message) {
  return message.starts_with("skipped loading publication");
}

}  // namespace realtime::postgres
