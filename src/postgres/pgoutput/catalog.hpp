#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "realtime/lsn.hpp"
#include "realtime/result.hpp"

#include "postgres/pgoutput/type_names.hpp"

namespace realtime::postgres::pgoutput {

/// Tables that the catalog no longer has, and where the log ended when it was asked: no row of theirs comes
/// from a transaction that commits there or later.
struct GoneRelations {
  std::vector<std::uint32_t> ids;
  Lsn by;
};

/// What the stream does not tell and only the catalog knows, as it is now, which may be newer than the row.
/// Functions that are empty are not asked. Each is called in the reader's steps and may block within the
/// deadline of its connection's queries.
struct Catalog {
  TypeLookup types = {};  ///< must not be empty, where a monitored table may come
  /// Whether the replica identity of the table, which is an index, has a generated column that is not sent.
  std::function<Result<bool>(std::uint32_t relation)> has_generated_key = {};
  std::function<Result<GoneRelations>(std::span<const std::uint32_t> relations)> gone = {};
  /// Another number as soon as types may have been renamed or moved. Cheap: read once a transaction.
  std::function<std::uint64_t()> version = {};
};

/// The statements for the last two questions: true, false or nothing in one row; a row for each of the tables
/// that is gone, with its OID and the LSN.
std::string generated_key_query(std::uint32_t relation);
std::string gone_query(std::span<const std::uint32_t> relations);

}  // namespace realtime::postgres::pgoutput
