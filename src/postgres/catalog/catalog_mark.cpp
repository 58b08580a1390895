#include "postgres/catalog/catalog_mark.hpp"

namespace realtime::postgres {
namespace {

/// What changes with every row that is added, altered or taken away.
std::string mark_of(const std::string& alias, const std::string& key) {
  return "(SELECT pg_catalog.concat(count(*), ':', sum((" + alias + "." + key +
         "::pg_catalog.int8 << 32) # " + alias + ".xmin::pg_catalog.text::pg_catalog.int8)) FROM pg_catalog.";
}

}  // namespace

Result<CatalogMark> read_catalog_mark(Connection& connection, const std::string& publication) {
  const std::string named =
      "(SELECT p.oid FROM pg_catalog.pg_publication p WHERE p.pubname = " + connection.literal(publication) +
      ")";
  const std::string between = ", '/', ";
  // Tables of users, and so their OIDs, begin at 16384 (FirstNormalObjectId).
  std::string tables =
      mark_of("c", "oid") +
      "pg_class c WHERE c.oid >= 16384 AND c.relkind IN ('r', 'p') AND c.relpersistence <> 't')" + between +
      mark_of("p", "oid") + "pg_publication p WHERE p.oid = " + named + ")" + between + mark_of("r", "oid") +
      "pg_publication_rel r WHERE r.prpubid = " + named + ")";
  if (connection.server_version() >= 150000)
    tables += between + mark_of("s", "oid") + "pg_publication_namespace s WHERE s.pnpubid = " + named + ")";
  const std::string schemas = mark_of("n", "oid") + "pg_namespace n WHERE n.nspname !~ '^pg_')";
  const std::string types =
      mark_of("t", "oid") +
      "pg_type t WHERE t.oid >= 16384 AND t.typnamespace NOT IN (SELECT n.oid FROM pg_catalog.pg_namespace n "
      "WHERE n.nspname ~ '^pg_'))" +
      between +
      "(SELECT pg_catalog.string_agg(pg_catalog.has_schema_privilege(n.oid, 'USAGE')::pg_catalog.text, ',') "
      "FROM pg_catalog.pg_namespace n WHERE n.nspname IN ('public', current_user))";
  const auto rows = connection.query("SELECT pg_catalog.concat(" + tables + between + schemas +
                                     "), pg_catalog.concat(" + types + between + schemas + ")");
  if (!rows) return rows.error();
  return CatalogMark{std::string(rows->text(0, 0)), std::string(rows->text(0, 1))};
}

}  // namespace realtime::postgres
