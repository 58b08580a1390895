#include "postgres/catalog/relations.hpp"

#include "base/text.hpp"
#include "config/tables.hpp"

namespace realtime::postgres {
namespace {

// The publication's name, as a literal, stands for each %.
constexpr std::string_view kRelations =
    "SELECT n.nspname, c.relname, c.relkind, c.relpersistence, c.relreplident, "
    "keys.is_key, keys.is_identity, c.reltoastrelid <> 0, rn.nspname, r.relname, "
    "p.pubname IS NOT NULL OR NOT EXISTS (SELECT FROM pg_catalog.pg_publication WHERE pubname = %), "
    "keys.is_late, keys.is_generated AND NOT EXISTS (SELECT FROM pg_catalog.pg_publication b WHERE b.pubname "
    "= % "
    "AND pg_catalog.to_jsonb(b)->>'pubgencols' <> 'n'), "
    "(SELECT pg_catalog.string_agg(a.attname, ', ' ORDER BY a.attnum) FROM pg_catalog.pg_attribute a "
    "WHERE a.attrelid = c.oid AND a.attgenerated <> '' AND NOT a.attisdropped), "
    // Columns that servers before 15 do not have.
    "EXISTS (SELECT FROM pg_catalog.pg_publication_rel f JOIN pg_catalog.pg_publication b ON b.oid = "
    "f.prpubid "
    "WHERE b.pubname = % AND f.prrelid = c.oid AND (pg_catalog.to_jsonb(f)->>'prqual' IS NOT NULL "
    "OR pg_catalog.to_jsonb(f)->>'prattrs' IS NOT NULL)) "
    "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    // An index identifies rows only if it is valid and never late (RelationGetReplicaIndex).
    "LEFT JOIN LATERAL (SELECT bool_or(i.indisprimary AND i.indimmediate AND i.indisvalid) AS is_key, "
    "bool_or(i.indisreplident AND i.indimmediate AND i.indisvalid) AS is_identity, "
    "bool_or(i.indisprimary AND NOT i.indimmediate) AS is_late, "
    "bool_or(EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid "
    "AND a.attnum = ANY(i.indkey) AND a.attgenerated <> '') "
    "AND CASE c.relreplident WHEN 'd' THEN i.indisprimary WHEN 'i' THEN i.indisreplident END) AS "
    "is_generated "
    "FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid) AS keys ON true "
    "LEFT JOIN pg_catalog.pg_inherits h ON c.relispartition AND h.inhrelid = c.oid "
    "LEFT JOIN pg_catalog.pg_class r ON r.oid = h.inhparent "
    "LEFT JOIN pg_catalog.pg_namespace rn ON rn.oid = r.relnamespace "
    "LEFT JOIN pg_catalog.pg_publication_tables p "
    "ON p.pubname = % AND p.schemaname = n.nspname AND p.tablename = c.relname "
    "WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_' "
    "AND n.nspname <> 'information_schema' ORDER BY 1, 2 LIMIT ";

std::string filled(std::string_view text, std::string_view value) {
  std::string out;
  for (const char c : text) c == '%' ? out += value : out += c;
  return out;
}

char letter(std::string_view text) {
  return text.empty() ? '\0' : text.front();
}

Relation relation_of(const Rows& rows, int row) {
  Relation one;
  one.schema = rows.text(row, 0);
  one.name = rows.text(row, 1);
  one.kind = letter(rows.text(row, 2));
  one.persistence = letter(rows.text(row, 3));
  one.identity = letter(rows.text(row, 4));
  one.has_key = rows.truth(row, 5);
  one.has_identity_index = rows.truth(row, 6);
  one.has_large_values = rows.truth(row, 7);
  one.parent_schema = rows.text(row, 8);
  one.parent = rows.text(row, 9);
  one.in_publication = rows.truth(row, 10);
  one.has_late_key = rows.truth(row, 11);
  one.has_generated_key = rows.truth(row, 12);
  one.generated = rows.text(row, 13);
  one.is_narrowed = rows.truth(row, 14);
  return one;
}

}  // namespace

bool Relation::identifies_rows() const {
  return identity == 'f' || (identity == 'd' && has_key) || (identity == 'i' && has_identity_index);
}

std::string Relation::pattern() const {
  return to_string(TablePattern{schema, name});
}

std::string Relation::sql() const {
  return sql_name(schema) + "." + sql_name(name);
}

Result<std::vector<Relation>> read_relations(Connection& connection, const std::string& publication) {
  const auto rows =
      connection.query(filled(kRelations, connection.literal(publication)) + std::to_string(kMostRelations));
  if (!rows) return rows.error();
  std::vector<Relation> relations;
  for (int row = 0; row < rows->count(); ++row) relations.push_back(relation_of(*rows, row));
  return relations;
}

}  // namespace realtime::postgres
