// pgoutput's publication: is it there, or can it be made; does it hold everything back that wal2json would
// send; is it as old as what the slot will send again.

#include "base/text.hpp"
#include "check/postgres_side.hpp"
#include "postgres/catalog/publication.hpp"

namespace realtime::preflight {
namespace {

/// Made for real, and rolled back.
Status try_to_make(postgres::Connection& sql, const std::string& statement) {
  if (const auto begun = sql.query("BEGIN"); !begun) return begun.error();
  Status made = ok();
  if (const auto answer = sql.query(statement); !answer) made = answer.error();
  if (sql.usable()) {
    if (const auto undone = sql.query("ROLLBACK"); !undone) return undone.error();
  }
  return made;
}

/// "inserts, updates"
std::string left_out(const PublicationFacts& facts) {
  std::vector<std::string> names;
  if (!facts.inserts) names.emplace_back("inserts");
  if (!facts.updates) names.emplace_back("updates");
  if (!facts.deletes) names.emplace_back("deletes");
  return joined(names, ", ");
}

/// Whether the service makes it, at its first start.
bool say_missing(PostgresSide& side, const std::string& name, Notes& notes) {
  const auto relations = postgres::read_relations(*side.sql, side.config.publication);
  if (!relations) return notes.unknown(relations.error().message), false;
  const int version = side.sql->server_version();
  const PublicationPlan plan = plan_publication(side.config, *relations, version);
  if (!plan.refused.empty()) {
    notes.error(name + " does not exist, and the service does not make it: " + plan.words(),
                plan.remedy(side.config, version));
    return false;
  }
  const Status made = try_to_make(*side.sql, plan.statement);
  if (made) {
    notes.ok(name +
             " does not exist yet; the service makes it for the monitored tables that there are (tried)");
    return true;
  }
  notes.error(name + " does not exist, and this role may not make it: " + made.error().message,
              plan.remedy(side.config, version));
  return false;
}

void say_filters(PostgresSide& side, const std::string& name, Notes& notes) {
  if (side.sql->server_version() < 150000) return;  // it has no such thing
  const auto rows = side.sql->query(
      "SELECT r.prrelid::pg_catalog.regclass FROM pg_catalog.pg_publication_rel r JOIN "
      "pg_catalog.pg_publication p "
      "ON p.oid = r.prpubid WHERE (r.prqual IS NOT NULL OR r.prattrs IS NOT NULL) AND p.pubname = " +
      side.sql->literal(side.config.publication) + " ORDER BY 1 LIMIT 10");
  if (!rows) return notes.unknown(rows.error().message);
  std::vector<std::string> tables;
  for (int row = 0; row < rows->count(); ++row) tables.emplace_back(rows->text(row, 0));
  if (tables.empty()) return;
  notes.warning(name + " leaves rows or columns out: of " + joined(tables, ", "),
                "ALTER PUBLICATION " + sql_name(side.config.publication) + " DROP TABLE " + tables.front() +
                    "; ALTER PUBLICATION " + sql_name(side.config.publication) + " ADD TABLE " +
                    tables.front() + ";");
}

/// PostgreSQL looks for the publication as it was when the change was made. Who made it had committed before
/// everything that the slot may send again where its transaction is older than any that the slot keeps rows
/// of the catalogue for.
void say_age(PostgresSide& side, const std::string& name, Notes& notes) {
  if (!side.slot || !side.slot->exists || side.slot->lost()) return;
  const auto rows = side.sql->query(
      "SELECT pg_catalog.age(p.xmin) > pg_catalog.age(s.catalog_xmin) FROM pg_catalog.pg_publication p, "
      "pg_catalog.pg_replication_slots s WHERE s.catalog_xmin IS NOT NULL AND p.pubname = " +
      side.sql->literal(side.config.publication) +
      " AND s.slot_name = " + side.sql->literal(side.config.slot_name));
  if (!rows) return notes.unknown(rows.error().message);
  if (rows->empty() || rows->truth(0, 0)) return;
  notes.warning(
      name + " was made or altered since the oldest log that slot " + side.config.slot_name +
          " may send again: with pgoutput, changes from before it was made fail",
      "Let the service run on with wal2json until this is gone (a minute; the slot moves on when the "
      "server has written a checkpoint: CHECKPOINT;).");
}

}  // namespace

bool detail::check_publication(PostgresSide& side, Notes& notes) {
  const std::string name = "publication " + side.config.publication;
  const auto facts = read_publication(*side.sql, side.config.publication);
  if (!facts) return notes.unknown(facts.error().message), false;
  if (!facts->exists) return say_missing(side, name, notes);
  notes.ok(name + " exists");
  const std::string alter = "ALTER PUBLICATION " + sql_name(side.config.publication) + " SET ";
  if (const std::string missing = left_out(*facts); !missing.empty()) {
    notes.warning(name + " does not publish " + missing,
                  alter + "(publish = 'insert, update, delete, truncate');");
  }
  if (facts->via_root) {
    notes.warning(
        name + " publishes partitions under the name of their root, which is not what wal2json does",
        alter + "(publish_via_partition_root = false);");
  }
  say_filters(side, name, notes);
  say_age(side, name, notes);
  return true;
}

}  // namespace realtime::preflight
