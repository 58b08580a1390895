// The monitored tables: what of their changes will arrive, and what will not.

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "check/postgres_side.hpp"
#include "postgres/catalog/hidden_types.hpp"
#include "postgres/catalog/relations.hpp"

namespace realtime::preflight {
namespace {

using postgres::Relation;

constexpr std::size_t kMostShown = 200;
constexpr std::size_t kMostLeaves = 10;  // named in one line

bool named_exactly(const TablePatterns& patterns, const Relation& one) {
  return std::any_of(patterns.patterns().begin(), patterns.patterns().end(),
                     [&one](const TablePattern& pattern) {
                       return pattern.schema == one.schema && pattern.table == one.name;
                     });
}

/// pgoutput does not send all that identifies a row of it.
void say_generated_key(const PostgresSide& side, const Relation& one, const std::string& full, Notes& notes) {
  const std::string has = one.pattern() + ": its replica identity has a generated column, ";
  if (side.sql->server_version() >= 180000) {
    return notes.warning(
        has + "which the publication does not have, so that PostgreSQL refuses updates and deletes",
        "ALTER PUBLICATION " + sql_name(side.config.publication) +
            " SET (publish_generated_columns = stored);");
  }
  notes.warning(
      has + "which pgoutput does not send before PostgreSQL 18, so that updates and deletes are missing",
      full + " Or HASH_REALTIME_PLUGIN=wal2json.");
}

/// An ordinary table: whether its changes are published, and updates and deletes can be expressed.
void say_table(const PostgresSide& side, const Relation& one, Notes& notes) {
  const bool published = side.plugin() == "pgoutput";
  const std::string name = one.pattern();
  const std::string full = "ALTER TABLE " + one.sql() + " REPLICA IDENTITY FULL;";
  if (one.persistence == 'u') {
    return notes.warning(name + ": unlogged, nothing of it ever arrives",
                         "ALTER TABLE " + one.sql() + " SET LOGGED;");
  }
  if (published && !one.in_publication) {
    return notes.warning(
        name + ": not in publication " + side.config.publication,
        "ALTER PUBLICATION " + sql_name(side.config.publication) + " ADD TABLE " + one.sql() + ";");
  }
  const std::string then = published ? "so that PostgreSQL refuses updates and deletes (of a published table)"
                                     : "so that updates and deletes are missing";
  if (!one.identifies_rows() && one.identity == 'n' && one.has_key) {
    return notes.warning(name + ": its replica identity is NOTHING, " + then,
                         "ALTER TABLE " + one.sql() + " REPLICA IDENTITY DEFAULT;");
  }
  if (!one.identifies_rows() && one.identity == 'd' && one.has_late_key) {
    return notes.warning(name + ": its primary key is DEFERRABLE, which identifies no row, " + then, full);
  }
  if (!one.identifies_rows()) {
    return notes.warning(name + ": no primary key and no replica identity, " + then, full);
  }
  if (published && one.has_generated_key) return say_generated_key(side, one, full, notes);
  if (published && !one.generated.empty() && !side.publishes_generated) {
    notes.warning(name + ": pgoutput leaves out its generated columns: " + one.generated,
                  side.sql->server_version() >= 180000
                      ? "ALTER PUBLICATION " + sql_name(side.config.publication) +
                            " SET (publish_generated_columns = stored);"
                      : "use HASH_REALTIME_PLUGIN=wal2json where consumers need them");
  }
  const bool whole = one.identity == 'f';
  std::string text = name + ": replica identity is " +
                     (whole                 ? "FULL"
                      : one.identity == 'i' ? "an index"
                                            : "the primary key");
  if (!whole && one.has_large_values) text += "; an update leaves out large values that it did not change";
  notes.ok(std::move(text));
}

void say_root(const PostgresSide& side, const Relation& one, const std::vector<const Relation*>& leaves,
              Notes& notes) {
  std::vector<std::string> names, missing;
  for (const Relation* leaf : leaves) {
    auto& list = side.config.monitors(leaf->schema, leaf->name) ? names : missing;
    if (list.size() < kMostLeaves) list.push_back(leaf->pattern());
  }
  const std::string more = leaves.size() > kMostLeaves ? " and more" : "";
  if (!missing.empty()) {
    return notes.warning(
        one.pattern() +
            ": partitioned; changes carry the names of its leaves, and these are not monitored: " +
            joined(missing, ", ") + more,
        "Add to HASH_REALTIME_TABLES: " + joined(missing, ","));
  }
  notes.ok(one.pattern() + ": partitioned; changes carry the names of its leaves: " +
           (names.empty() ? "it has none yet" : joined(names, ", ") + more));
}

/// What is no table: said where it was asked for by name, passed over where a pattern happens to cover it.
void say_other(const PostgresSide& side, const Relation& one, Notes& notes) {
  if (one.kind == 'm' && side.plugin() != "pgoutput") {
    return notes.ok(
        one.pattern() +
        ": a materialized view; with wal2json up to 2.5 each REFRESH sends all of its rows as inserts");
  }
  if (named_exactly(side.config.tables, one)) {
    notes.warning(one.pattern() + ": a " +
                      (one.kind == 'v'   ? "view"
                       : one.kind == 'm' ? "materialized view"
                                         : "foreign table") +
                      ", nothing of it ever arrives",
                  "Name the tables behind it in HASH_REALTIME_TABLES.");
  }
}

std::string lowered(std::string_view text) {
  std::string copy(text);
  for (char& c : copy) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return copy;
}

/// What was probably meant by a pattern that matches nothing.
std::string advice_for(const TablePattern& pattern, const std::vector<Relation>& relations) {
  if (const std::string_view oddity = oddity_of(pattern); !oddity.empty()) return std::string(oddity);
  const std::string table = lowered(pattern.table.value_or(""));
  const auto like_it = std::find_if(relations.begin(), relations.end(), [&table](const Relation& one) {
    return !table.empty() && lowered(one.name) == table;
  });
  if (like_it != relations.end()) return "did you mean " + like_it->pattern() + "?";
  return "write schema.table, with the letters' case as in the catalog, without quotes";
}

/// Whether tables that are made later may match: the wildcard of a schema that is there.
bool may_match_later(const TablePattern& pattern, const postgres::Rows& schemas) {
  if (pattern.table) return false;
  for (int row = 0; row < schemas.count(); ++row) {
    if (!pattern.schema || schemas.text(row, 0) == *pattern.schema) return true;
  }
  return false;
}

/// No table is monitored: an error where that cannot change by itself.
void say_none(PostgresSide& side, const std::vector<Relation>& relations, Notes& notes) {
  const auto& patterns = side.config.tables.patterns();
  const bool any_matches = std::any_of(relations.begin(), relations.end(), [&side](const Relation& one) {
    return side.config.tables.matches(one.schema, one.name);
  });
  const auto schemas = side.sql->query("SELECT nspname FROM pg_catalog.pg_namespace");
  const bool later =
      !schemas || std::any_of(patterns.begin(), patterns.end(),
                              [&schemas](const TablePattern& one) { return may_match_later(one, *schemas); });
  if (any_matches || later)
    return notes.warning("0 tables are monitored now",
                         "check HASH_REALTIME_TABLES and HASH_REALTIME_EXCLUDE_TABLES");
  notes.error("no pattern of HASH_REALTIME_TABLES matches a table or a schema: nothing would be streamed",
              patterns.empty() ? "set HASH_REALTIME_TABLES" : advice_for(patterns.front(), relations));
}

void say_unmatched(const TablePatterns& patterns, const char* variable,
                   const std::vector<Relation>& relations, Notes& notes) {
  std::size_t said = 0;
  for (const TablePattern& pattern : patterns.patterns()) {
    const bool found = std::any_of(relations.begin(), relations.end(), [&pattern](const Relation& one) {
      return pattern.matches(one.schema, one.name);
    });
    if (found || ++said > kMostShown) continue;
    notes.warning("pattern " + to_string(pattern) + " of " + variable + " matches no table of this database",
                  advice_for(pattern, relations));
  }
}

/// Whether the publication sends stored generated columns, which it may since PostgreSQL 18.
bool publishes_generated(PostgresSide& side) {
  if (side.plugin() != "pgoutput" || side.sql->server_version() < 180000) return false;
  const auto rows =
      side.sql->query("SELECT pubgencols = 's' FROM pg_catalog.pg_publication WHERE pubname = " +
                      side.sql->literal(side.config.publication));
  return rows && !rows->empty() && rows->truth(0, 0);
}

void tables(PostgresSide& side, Notes& notes) {
  const auto relations = postgres::read_relations(*side.sql, side.config.publication);
  if (!relations) return notes.unknown(relations.error().message);
  if (relations->size() == postgres::kMostRelations)
    notes.unknown("only the first " + std::to_string(postgres::kMostRelations) + " tables were looked at");
  std::map<std::pair<std::string, std::string>, std::vector<const Relation*>> leaves;
  std::map<std::pair<std::string, std::string>, const Relation*> partitioned;
  for (const Relation& one : *relations) {
    if (one.kind == 'p') partitioned[{one.schema, one.name}] = &one;
  }
  for (const Relation& one : *relations) {  // a leaf is one of every table above it
    const Relation* above = one.kind == 'r' ? &one : nullptr;
    while (above != nullptr && !above->parent.empty()) {
      const std::pair name{above->parent_schema, above->parent};
      leaves[name].push_back(&one);
      const auto found = partitioned.find(name);
      above = found == partitioned.end() ? nullptr : found->second;
    }
  }
  Findings found;
  Notes each("tables", "table", found);
  std::size_t count = 0;
  side.publishes_generated = publishes_generated(side);
  for (const Relation& one : *relations) {
    if (!side.config.monitors(one.schema, one.name)) continue;
    if (one.kind == 'r') {
      ++count;
      say_table(side, one, each);
    } else if (one.kind == 'p') {
      say_root(side, one, leaves[{one.schema, one.name}], each);
    } else {
      say_other(side, one, each);
    }
  }
  const std::string text = std::to_string(count) + (count == 1 ? " table is" : " tables are") + " monitored";
  if (count == 0) {
    say_none(side, *relations, notes);
  } else {
    notes.ok(text);
  }
  say_unmatched(side.config.tables, "HASH_REALTIME_TABLES", *relations, notes);
  say_unmatched(side.config.excluded_tables, "HASH_REALTIME_EXCLUDE_TABLES", *relations, notes);

  // What needs somebody comes first, and the list ends somewhere.
  std::stable_partition(found.begin(), found.end(),
                        [](const Finding& one) { return one.level != Level::ok; });
  const std::size_t left = found.size() - std::min(found.size(), kMostShown);
  found.resize(found.size() - left);
  for (Finding& one : found) {
    Notes line = notes;
    if (one.level == Level::ok) {
      line.ok(std::move(one.what));
    } else {
      line.warning(std::move(one.what), std::move(one.remedy));
    }
  }
  if (left > 0) notes.ok("and " + std::to_string(left) + " more");
}

void type_names(PostgresSide& side, Notes& notes) {
  const auto types = postgres::read_hidden_types(*side.sql);
  if (!types) return notes.unknown(types.error().message);
  if (auto words = postgres::hidden_types_words(*types, side.config))
    return notes.warning(std::move(words->what), std::move(words->remedy));
  notes.ok("the role sees the types of schema public");
}

constexpr Check<PostgresSide> kChecks[] = {{"table", tables}, {"type names", type_names}};

}  // namespace

Findings detail::check_tables(PostgresSide& side) {
  return run_all("tables", kChecks, side);
}

}  // namespace realtime::preflight
