#pragma once

#include <string>

#include "realtime/result.hpp"

#include "postgres/connection.hpp"

namespace realtime::postgres {

/// Two texts that stay the same as long as nothing has changed: in the catalog's tables, their schemas and the
/// publication; in its types and in what the role sees of them. Temporary tables change nothing. A value.
struct CatalogMark {
  std::string tables, types;
  bool operator==(const CatalogMark&) const = default;
};

/// One round trip over an ordinary connection; counts through pg_class and pg_type, some 0.2 us a row.
Result<CatalogMark> read_catalog_mark(Connection& connection, const std::string& publication);

}  // namespace realtime::postgres
