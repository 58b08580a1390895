#pragma once

#include <string>
#include <vector>

#include "realtime/result.hpp"

#include "postgres/connection.hpp"

namespace realtime::postgres {

constexpr std::size_t kMostRelations = 50'000;

/// A table, or what could be taken for one, as the catalogue has it. A value.
struct Relation {
  std::string schema, name;
  char kind = 0, persistence = 0, identity = 0;      ///< relkind, relpersistence, relreplident
  bool has_key = false, has_identity_index = false;  ///< such as identify rows
  bool has_late_key = false;                         ///< its primary key is DEFERRABLE
  bool has_generated_key = false;  ///< the replica identity has a generated column that is not published
  bool has_large_values = false;
  bool in_publication = false;        ///< or there is no such publication, which is said elsewhere
  std::string parent_schema, parent;  ///< of a partition: the table that it is directly part of
  std::string generated;              ///< its generated columns, with commas
  bool is_narrowed = false;           ///< the publication leaves rows or columns of it out

  /// Whether an update or delete of it can be expressed.
  bool identifies_rows() const;
  std::string pattern() const;  ///< as HASH_REALTIME_TABLES names it
  std::string sql() const;      ///< as a statement does
};

/// The first kMostRelations of the connection's database, in order of their names.
Result<std::vector<Relation>> read_relations(Connection& connection, const std::string& publication);

}  // namespace realtime::postgres
