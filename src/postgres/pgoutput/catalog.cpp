#include "postgres/pgoutput/catalog.hpp"

namespace realtime::postgres::pgoutput {

std::string type_names_query(std::span<const TypeId> types) {
  std::string oids, modifiers;
  for (const TypeId& type : types) {
    const char* const comma = oids.empty() ? "" : ",";
    oids.append(comma).append(std::to_string(type.oid));
    modifiers.append(comma).append(std::to_string(type.modifier));
  }
  return "select pg_catalog.format_type(oid, modifier) from rows from (pg_catalog.unnest('{" + oids +
         "}'::pg_catalog.oid[]), pg_catalog.unnest('{" + modifiers +
         "}'::pg_catalog.int4[])) with ordinality as types(oid, modifier, place) order by place";
}

std::string generated_key_query(std::uint32_t relation) {
  // Which index it is: what RelationGetReplicaIndex finds.
  return "select exists (select from pg_catalog.pg_class c join pg_catalog.pg_index i on i.indrelid = c.oid "
         "and case c.relreplident when 'i' then i.indisreplident when 'd' then i.indisprimary end "
         "join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = any(i.indkey) "
         "and a.attgenerated <> '' where c.oid = " +
         std::to_string(relation) + ")";
}

std::string gone_query(std::span<const std::uint32_t> relations) {
  std::string ids;
  for (const std::uint32_t id : relations) ids.append(ids.empty() ? "" : ",").append(std::to_string(id));
  // The log is asked for its end after the statement's snapshot was taken: who dropped a table that is gone
  // had written its commit by then.
  return "select t.id, pg_catalog.pg_current_wal_insert_lsn() from pg_catalog.unnest('{" + ids +
         "}'::pg_catalog.oid[]) as t(id) where not exists (select from pg_catalog.pg_class c where c.oid = "
         "t.id)";
}

}  // namespace realtime::postgres::pgoutput
