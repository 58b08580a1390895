#include "postgres/catalog/publication.hpp"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "base/text.hpp"

namespace realtime {
namespace {

constexpr std::size_t kMostNamed = 10;        // in a sentence
constexpr std::size_t kLongStatement = 3000;  // longer than what a log line or /status shows whole

std::string join(const std::vector<std::string>& texts, std::size_t most) {
  std::vector<std::string> some(texts.begin(),
                                texts.begin() + static_cast<std::ptrdiff_t>(std::min(most, texts.size())));
  const std::size_t left = texts.size() - some.size();
  return joined(some, ", ") + (left > 0 ? " and " + std::to_string(left) + " more" : "");
}

}  // namespace

std::string wide_publication_statement(const std::string& name, const TablePatterns& tables,
                                       int server_version) {
  const bool knows_schemas = server_version >= 150000;
  const std::string head = "CREATE PUBLICATION " + sql_name(name) + " FOR ";
  std::vector<std::string> schemas, single;
  for (const TablePattern& pattern : tables.patterns()) {
    const bool whole_schema = !pattern.table;
    if (!pattern.schema || (whole_schema && !knows_schemas)) return head + "ALL TABLES;";
    if (whole_schema) schemas.push_back(sql_name(*pattern.schema));
  }
  for (const TablePattern& pattern : tables.patterns()) {
    const bool covered =
        !pattern.table || std::count(schemas.begin(), schemas.end(), sql_name(*pattern.schema)) > 0;
    if (!covered) single.push_back(sql_name(*pattern.schema) + "." + sql_name(*pattern.table));
  }
  std::vector<std::string> clauses;
  if (!single.empty()) clauses.push_back("TABLE " + joined(single, ", "));
  if (!schemas.empty()) clauses.push_back("TABLES IN SCHEMA " + joined(schemas, ", "));
  return head + joined(clauses, ", ") + ";";
}

std::string PublicationPlan::words() const {
  if (refused.empty()) return {};
  return "once it is made, PostgreSQL refuses every UPDATE and DELETE of tables in it that have no replica "
         "identity: " +
         join(refused, kMostNamed);
}

std::string PublicationPlan::remedy(const Config& config, int server_version) const {
  std::string text;
  for (std::size_t i = 0; i < std::min(kMostNamed, refused.size()); ++i)
    text += "ALTER TABLE " + refused[i] + " REPLICA IDENTITY FULL; ";
  if (!text.empty())
    text +=
        "(or a primary key) for each of them, or leave them out with HASH_REALTIME_EXCLUDE_TABLES. Then: ";
  if (statement.size() <= kLongStatement) return text + statement;
  return text + wide_publication_statement(config.publication, config.tables, server_version) +
         " It takes in tables that are made later, and PostgreSQL then refuses updates and deletes of those "
         "without "
         "replica identity.";
}

Result<PublicationFacts> read_publication(postgres::Connection& connection, const std::string& name) {
  const auto rows = connection.query(
      "SELECT pubviaroot, pubinsert, pubupdate, pubdelete FROM pg_catalog.pg_publication WHERE pubname = " +
      connection.literal(name));
  if (!rows) return rows.error();
  PublicationFacts facts;
  if (rows->empty()) return facts;
  facts.exists = true;
  facts.via_root = rows->truth(0, 0);
  facts.inserts = rows->truth(0, 1);
  facts.updates = rows->truth(0, 2);
  facts.deletes = rows->truth(0, 3);
  return facts;
}

namespace {

/// By schema and name.
using ByName = std::map<std::pair<std::string_view, std::string_view>, const postgres::Relation*>;

/// Whether a table that it is a partition of, however far above, is monitored: it then stands for this one.
bool is_covered(const Config& config, const ByName& all, const postgres::Relation* one) {
  constexpr int kMostLevels = 100;  // what the catalog says is not trusted to end
  for (int level = 0; level < kMostLevels && !one->parent.empty(); ++level) {
    if (config.monitors(one->parent_schema, one->parent)) return true;
    const auto above = all.find({one->parent_schema, one->parent});
    if (above == all.end()) return false;
    one = above->second;
  }
  return false;
}

}  // namespace

PublicationPlan plan_publication(const Config& config, const std::vector<postgres::Relation>& relations,
                                 int server_version) {
  PublicationPlan plan;
  std::vector<std::string> tables;
  ByName by_name;
  for (const postgres::Relation& one : relations) by_name[{one.schema, one.name}] = &one;
  for (const postgres::Relation& one : relations) {
    const bool is_table = (one.kind == 'r' || one.kind == 'p') && one.persistence == 'p';
    const bool by_root = is_covered(config, by_name, &one);
    if (!is_table || !(by_root || config.monitors(one.schema, one.name))) continue;
    // A leaf is what has rows, and what updates are refused of.
    const bool identified = one.identifies_rows() && !(one.has_generated_key && server_version >= 180000);
    if (one.kind == 'r' && !identified) plan.refused.push_back(one.sql());
    if (!by_root) tables.push_back(one.sql());
  }
  plan.statement = "CREATE PUBLICATION " + sql_name(config.publication) +
                   (tables.empty() ? "" : " FOR TABLE " + joined(tables, ", ")) + ";";
  return plan;
}

Status ensure_publication(postgres::Connection& connection, const Config& config) {
  const std::string& name = config.publication;
  const auto facts = read_publication(connection, name);
  if (!facts) return facts.error();
  if (facts->exists) return ok();
  const auto relations = postgres::read_relations(connection, name);
  if (!relations) return relations.error();
  const int version = connection.server_version();
  const PublicationPlan plan = plan_publication(config, *relations, version);
  const std::string missing = "publication " + name + " does not exist and ";
  if (!plan.refused.empty()) {
    return Error{ErrorKind::postgres_publication, missing + "is not made from here: " + plan.words(),
                 plan.remedy(config, version)};
  }
  const auto made = connection.query(plan.statement);
  if (made) {
    log::info("the publication was made; a table that is made later is not in it, and will be named",
              {{"slot", config.slot_name}, {"publication", name}, {"statement", plan.statement}});
    return ok();
  }
  if (!connection.usable()) return made.error();
  return Error{ErrorKind::postgres_publication, missing + "could not be made: " + made.error().message,
               "As a superuser (or the tables' owner): " + plan.remedy(config, version)};
}

}  // namespace realtime
