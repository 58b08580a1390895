#include "postgres/catalog/hidden_types.hpp"

#include "base/text.hpp"

namespace realtime::postgres {

Result<std::vector<HiddenType>> read_hidden_types(Connection& connection) {
  const auto rows = connection.query(
      "SELECT pg_catalog.format_type(t.oid, -1), cn.nspname, c.relname, "
      "pg_catalog.has_schema_privilege(n.oid, 'USAGE') "
      "FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid "
      "JOIN pg_catalog.pg_namespace cn ON cn.oid = c.relnamespace "
      "JOIN pg_catalog.pg_type t ON t.oid = a.atttypid "
      "JOIN pg_catalog.pg_type e ON e.oid = CASE WHEN t.typcategory = 'A' AND t.typelem <> 0 THEN t.typelem "
      "ELSE t.oid END "
      "JOIN pg_catalog.pg_namespace n ON n.oid = e.typnamespace AND n.nspname = 'public' "
      "WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND a.attnum > 0 AND NOT a.attisdropped "
      "AND a.atttypid >= 16384 AND NOT pg_catalog.pg_type_is_visible(e.oid) ORDER BY 1, 2, 3 LIMIT 10000");
  if (!rows) return rows.error();
  std::vector<HiddenType> types;
  for (int row = 0; row < rows->count(); ++row) {
    types.push_back({std::string(rows->text(row, 0)), std::string(rows->text(row, 1)),
                     std::string(rows->text(row, 2)), rows->truth(row, 3)});
  }
  return types;
}

std::optional<HiddenTypesWords> hidden_types_words(const std::vector<HiddenType>& types,
                                                   const Config& config) {
  const HiddenType* first = nullptr;
  std::size_t more = 0;
  for (const HiddenType& type : types) {
    if (!config.monitors(type.schema, type.table)) continue;
    if (first != nullptr) {
      ++more;
    } else {
      first = &type;
    }
  }
  if (first == nullptr) return std::nullopt;
  const std::string role = sql_name(config.postgres.user);
  const std::string what = "a type of schema public is delivered as " + first->name + " in " + first->schema +
                           "." + first->table +
                           (more > 0 ? " and " + std::to_string(more) + " more columns" : "") + ": ";
  if (first->may_use) {
    return HiddenTypesWords{what + "another of its name stands before it in the search path of the role",
                            "Rename or drop the other one: it is in schema " + role + " or in pg_catalog."};
  }
  return HiddenTypesWords{what + "the role may not use the schema",
                          "GRANT USAGE ON SCHEMA public TO " + role + ";"};
}

}  // namespace realtime::postgres
