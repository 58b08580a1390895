#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "realtime/result.hpp"

namespace realtime::postgres::pgoutput {

/// A column's type: pgoutput tells its OID and modifier and, of types that are not built in, a bare name.
struct TypeId {
  std::uint32_t oid = 0;
  std::int32_t modifier = -1;
  auto operator<=>(const TypeId&) const = default;
};

/// Asks the catalog what format_type makes of some types, in their order: on a second, ordinary connection,
/// whose session has the search_path of the stream's. May block, within the deadline of that connection's
/// queries.
using TypeLookup = std::function<Result<std::vector<std::string>>(std::span<const TypeId>)>;

/// The statement for a TypeLookup: one row and one column for each type.
std::string type_names_query(std::span<const TypeId> types);

/// Names of types as wal2json writes them, cached, and bounded: what is forgotten is asked for anew. The
/// catalog tells how a type is called now; that is not how it was called at the row when it was renamed or
/// moved since. One thread: the reader's.
class TypeNames {
 public:
  explicit TypeNames(TypeLookup lookup) : lookup_(std::move(lookup)) {}

  /// Types below are built in (FirstGenbkiObjectId is lower, but all that ship have names of their own).
  static constexpr std::uint32_t kFirstOwn = 16384;  // FirstNormalObjectId

  /// A Type message: what was known of this type may be wrong now. PostgreSQL sends one for each type that is
  /// not built in before every Relation message, so the names of a new version of a relation are always
  /// fresh.
  void declare(std::uint32_t oid, std::string_view schema, std::string_view name);
  /// The Relation message that they were declared for has come.
  void forget_declared() { declared_.clear(); }

  /// The names of all of `types`, with at most one question to the catalog.
  Result<std::vector<std::string>> names(std::span<const TypeId> types);
  /// Asks for those anew, in one question; whether one has another name now. A type that is gone keeps its
  /// name.
  Result<bool> ask_anew(std::vector<TypeId> types);

 private:
  Status look_up(std::span<const TypeId> missing);
  Result<std::vector<std::string>> ask(std::span<const TypeId> types) const;
  std::string declared_name(std::uint32_t oid) const;

  const TypeLookup lookup_;
  std::map<TypeId, std::string> known_;
  std::map<std::uint32_t, std::string> declared_;  ///< for types that are gone from the catalog
};

/// What format_type would say of a type of which only the schema and the bare name are known: the SQL name of
/// a built-in one, x[] for _x, quotes where they are needed. Pure.
std::string name_of_declared(std::string_view schema, std::string_view name);

}  // namespace realtime::postgres::pgoutput
