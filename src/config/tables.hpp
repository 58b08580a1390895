#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "realtime/result.hpp"

namespace realtime {

/// One schema.table pattern; a missing part stands for every name.
struct TablePattern {
  std::optional<std::string> schema;
  std::optional<std::string> table;

  bool matches(std::string_view schema_name, std::string_view table_name) const {
    return (!schema || *schema == schema_name) && (!table || *table == table_name);
  }
  bool operator==(const TablePattern&) const = default;
};

/// A list of table patterns with the meaning that wal2json 2.5 gives to add-tables and filter-tables:
///   list    = [ pattern { "," pattern } ]      spaces are allowed around commas and nowhere else
///   pattern = schema "." table                 the first unescaped dot splits; the table may hold more
///   part    = "*" | name                       "*" is a wildcard only as a whole part
/// A backslash takes the next character as it is. Names are case-exact; quotes are ordinary characters.
/// Stricter than wal2json where its patterns could match nothing: empty names, names over 63 bytes.
/// A value; constant after construction, any thread.
class TablePatterns {
 public:
  TablePatterns() = default;  ///< matches nothing
  /// The text of an error does not name the variable.
  static Result<TablePatterns> parse(std::string_view text);

  bool matches(std::string_view schema, std::string_view table) const;
  /// The text to give to wal2json (inside quotes, where ' must still be doubled): no spaces, only the escapes
  /// that are needed. Parses back to the same patterns.
  const std::string& canonical() const { return canonical_; }
  const std::vector<TablePattern>& patterns() const { return patterns_; }
  bool empty() const { return patterns_.empty(); }

  static constexpr std::size_t kMaxPatterns = 10'000;

 private:
  std::vector<TablePattern> patterns_;
  std::string canonical_;
};

/// What is allowed in a pattern and hardly ever meant, in words; empty: nothing.
std::string_view oddity_of(const TablePattern& pattern);
/// "public.orders", escaped where needed; a missing part is "*".
std::string to_string(const TablePattern& pattern);

}  // namespace realtime
