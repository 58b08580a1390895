#include "app/table_faults.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace realtime {
namespace {

using Harm = TableFault::Harm;

class Finder {
 public:
  Finder(const Config& config, const TableView& view)
      : config_(config), view_(view), published_(config.plugin == Plugin::pgoutput) {}

  std::vector<TableFault> run() {
    if (published_) look_at_publication();
    look_at_types();
    for (const postgres::Relation& one : view_.relations) {
      if (one.kind == 'r' && config_.monitors(one.schema, one.name)) look_at(one);
    }
    return std::move(found_);
  }

 private:
  void look_at_publication() {
    const PublicationFacts& facts = view_.publication;
    const std::string name = "publication " + config_.publication;
    const std::string set = "ALTER PUBLICATION " + sql_name(config_.publication) + " SET ";
    if (!facts.exists) {
      const PublicationPlan plan = plan_publication(config_, view_.relations, view_.server_version);
      return add("publication", Harm::table,
                 name + " does not exist: nothing of the monitored tables arrives",
                 plan.remedy(config_, view_.server_version));
    }
    std::vector<std::string> missing;
    if (!facts.inserts) missing.emplace_back("inserts");
    if (!facts.updates) missing.emplace_back("updates");
    if (!facts.deletes) missing.emplace_back("deletes");
    if (!missing.empty()) {
      add("publication", missing.size() == 3 ? Harm::table : Harm::changes,
          name + " does not publish " + joined(missing, ", "),
          set + "(publish = 'insert, update, delete, truncate');");
    }
    const bool has_leaves =
        std::any_of(view_.relations.begin(), view_.relations.end(), [this](const postgres::Relation& one) {
          return one.kind == 'r' && !one.parent.empty() && config_.monitors(one.schema, one.name);
        });
    if (facts.via_root && has_leaves) {
      add("publication", Harm::changes,
          name + " publishes partitions under the name of their root, which is not what wal2json does",
          set + "(publish_via_partition_root = false);");
    }
  }

  void look_at_types() {
    if (auto words = postgres::hidden_types_words(view_.hidden_types, config_))
      add("types", Harm::names, std::move(words->what), std::move(words->remedy));
  }

  void look_at(const postgres::Relation& one) {
    const std::string publication = sql_name(config_.publication);
    if (one.persistence == 'u') {
      return add(one.pattern(), Harm::table, one.pattern() + ": unlogged, nothing of it ever arrives",
                 "ALTER TABLE " + one.sql() + " SET LOGGED;");
    }
    if (!published_ || !view_.publication.exists) return;
    const bool by_root = view_.publication.via_root && !one.parent.empty();  // said once for all
    const std::string add_it = "ALTER PUBLICATION " + publication + " ADD TABLE " + one.sql() + ";";
    if (!one.in_publication && !by_root) {
      return add(one.pattern(), Harm::table, one.pattern() + ": not in publication " + config_.publication,
                 add_it);
    }
    if (one.is_narrowed) {
      add(one.pattern(), Harm::changes,
          one.pattern() + ": publication " + config_.publication + " leaves rows or columns of it out",
          "ALTER PUBLICATION " + publication + " DROP TABLE " + one.sql() + "; " + add_it);
    }
  }

  void add(std::string subject, Harm harm, std::string what, std::string remedy) {
    found_.push_back({std::move(subject), harm, std::move(what), std::move(remedy)});
  }

  const Config& config_;
  const TableView& view_;
  const bool published_;
  std::vector<TableFault> found_;
};

}  // namespace

std::vector<TableFault> find_table_faults(const Config& config, const TableView& view) {
  return Finder(config, view).run();
}

}  // namespace realtime
