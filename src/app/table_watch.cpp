#include "app/table_watch.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/log.hpp"

namespace realtime {
namespace {

// A look takes 2 % of the server's one core at most, and comes within 8 s.
constexpr Duration kShortest = std::chrono::milliseconds(900);
constexpr Duration kLongest = std::chrono::seconds(8);
constexpr int kPauses = 50;

constexpr std::size_t kMostLines = 20;     // of one look
constexpr std::size_t kMostShown = 50;     // in /status
constexpr std::size_t kMostKept = 50'000;  // tables that are remembered

}  // namespace

bool TableWatch::look(postgres::Connection& connection, TimePoint now) {
  if (now < next_) return true;
  const Status read_it = read(connection, now);
  const Duration took = std::chrono::steady_clock::now() - now;
  next_ = now + std::clamp<Duration>(kPauses * took, kShortest, kLongest);
  return read_it || connection.usable();
}

Status TableWatch::read(postgres::Connection& connection, TimePoint now) {
  const auto mark = postgres::read_catalog_mark(connection, config_.publication);
  if (!mark) return mark.error();
  if (*mark == seen_) return ok();
  if (mark->types != seen_.types) board_.types_changed();
  // A table that somebody has locked holds up one look, and not the monitor.
  if (const auto set = connection.query("SET lock_timeout = '1s'"); !set) return set.error();
  TableView view;
  view.server_version = connection.server_version();
  if (config_.plugin == Plugin::pgoutput) {
    const auto facts = read_publication(connection, config_.publication);
    if (!facts) return facts.error();
    view.publication = *facts;
  }
  auto relations = postgres::read_relations(connection, config_.publication);
  if (!relations) return relations.error();
  view.relations = std::move(*relations);
  auto hidden = postgres::read_hidden_types(connection);
  if (!hidden) return hidden.error();
  view.hidden_types = std::move(*hidden);
  take(view, now);
  seen_ = *mark;
  return ok();
}

void TableWatch::take(const TableView& view, TimePoint now) {
  const std::vector<TableFault> faults = find_table_faults(config_, view);
  std::map<std::string, Begun> before = std::exchange(faults_, {});
  std::size_t lines = 0;
  for (const TableFault& fault : faults) {
    const auto known = before.find(fault.what);
    Begun& begun = faults_[fault.what];
    if (known != before.end()) {
      begun = std::move(known->second);
      before.erase(known);
      continue;
    }
    begun = {fault, now};
    say_begun(begun, lines);
  }
  if (lines > kMostLines) {
    log::warn(
        "and " + std::to_string(lines - kMostLines) + " more monitored tables of which changes are missing",
        {{"slot", config_.slot_name}, {"remedy", "`hash-realtime check` names them."}});
  }
  for (const auto& [what, begun] : before) say_over(begun, now);
  remember_arrived(view, faults);
  show(faults);
}

void TableWatch::say_begun(Begun& begun, std::size_t& lines) const {
  begun.said = lines < kMostLines;
  if (!board_.is_news(begun.fault.what) || ++lines > kMostLines) return;
  const TableFault& fault = begun.fault;
  log::warn(fault.what + (stops(fault) ? "; it has arrived until now" : ""),
            {{"check", "tables/" + fault.subject}, {"slot", config_.slot_name}, {"remedy", fault.remedy}});
}

void TableWatch::say_over(const Begun& begun, TimePoint now) const {
  board_.is_over(begun.fault.what);
  if (!begun.said) return;
  const auto lasted = std::chrono::duration_cast<std::chrono::seconds>(now - begun.since).count();
  log::info("over: " + begun.fault.what, {{"check", "tables/" + begun.fault.subject},
                                          {"slot", config_.slot_name},
                                          {"seconds", std::to_string(lasted), true}});
}

/// Whether it keeps from arriving what has arrived before. A table that has never arrived is a setting that is
/// not complete; that is said, and holds nobody up.
bool TableWatch::stops(const TableFault& fault) const {
  if (fault.harm != TableFault::Harm::table) return false;
  return fault.subject == "publication" ? all_arrived_ : arrived_.contains(fault.subject);
}

void TableWatch::remember_arrived(const TableView& view, const std::vector<TableFault>& faults) {
  const bool nothing = std::any_of(faults.begin(), faults.end(), [](const TableFault& fault) {
    return fault.subject == "publication" && fault.harm == TableFault::Harm::table;
  });
  if (nothing) return;
  all_arrived_ = true;
  std::set<std::string> missing;
  for (const TableFault& fault : faults) {
    if (fault.harm == TableFault::Harm::table) missing.insert(fault.subject);
  }
  for (const postgres::Relation& one : view.relations) {
    if (arrived_.size() >= kMostKept) return;
    if (one.kind != 'r' || !config_.monitors(one.schema, one.name)) continue;
    if (std::string pattern = one.pattern(); !missing.contains(pattern)) arrived_.insert(std::move(pattern));
  }
}

void TableWatch::show(const std::vector<TableFault>& faults) {
  TableFacts facts;
  for (const TableFault& fault : faults) {
    if (fault.harm == TableFault::Harm::names) {
      ++facts.names_changed;
    } else {
      ++facts.incomplete;
    }
    if (facts.faults.size() < kMostShown)
      facts.faults.push_back({fault.what, fault.remedy, fault.harm != TableFault::Harm::names});
    if (!facts.not_arriving && stops(fault)) {
      facts.not_arriving = trouble_facts(Error{ErrorKind::postgres_publication, fault.what, fault.remedy});
      facts.not_arriving->since = std::chrono::system_clock::now();
    }
  }
  board_.update([&](ServiceFacts& all) {
    if (all.tables.not_arriving && facts.not_arriving &&
        all.tables.not_arriving->message == facts.not_arriving->message)
      facts.not_arriving->since = all.tables.not_arriving->since;
    all.tables = std::move(facts);
  });
}

void TableWatch::forget() {
  if (seen_ == postgres::CatalogMark{}) return;
  seen_ = {};
  for (const auto& [what, begun] : faults_) board_.is_over(what);
  faults_.clear();
  next_ = {};
  board_.update([](ServiceFacts& all) { all.tables = {}; });
}

}  // namespace realtime
