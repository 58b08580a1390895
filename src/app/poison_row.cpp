#include "app/poison_row.hpp"

#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "app/decode_trial.hpp"
#include "app/poison_published.hpp"
#include "base/log.hpp"
#include "config/tables.hpp"
#include "postgres/catalog/relations.hpp"
#include "postgres/slot.hpp"

namespace realtime {
namespace {

/// The end of the server's log now: the row lies before it.
Result<Lsn> end_of_log(const Wiring& wiring, const StopSignal& stop) {
  const auto options = wiring.postgres_options(stop.fd());
  if (!options) return options.error();
  auto connection = postgres::Connection::open(*options, postgres::ConnectionKind::replication);
  if (!connection) return connection.error();
  const auto server = postgres::read_server(**connection);
  if (!server) return server.error();
  return server->wal_end;
}

/// With wal2json, which is told what to leave out: by halves.
class Search {
 public:
  Search(const Config& config, const Wiring& wiring, const Filter& filter, std::string lsn,
         const StopSignal& stop)
      : config_(config), wiring_(wiring), filter_(filter), lsn_(std::move(lsn)), stop_(stop) {}

  /// The table's pattern; empty: not found.
  std::string run() {
    if (!prepare()) return {};
    std::span<const std::string> among = tables_;
    while (among.size() > 1) {
      // A half that passes costs little, one that fails a gigabyte in the walsender: the half without the
      // largest table first.
      const auto smaller = among.subspan((among.size() + 1) / 2);
      const Outcome outcome = stream(smaller);
      if (outcome == Outcome::unknown) return {};
      among = outcome == Outcome::fails ? smaller : among.first(among.size() - smaller.size());
    }
    return !among.empty() && stream(among) == Outcome::fails ? among.front() : std::string();
  }

 private:
  enum class Outcome { passes, fails, unknown };

  /// The monitored tables, the largest first, and how far the server's log goes now.
  bool prepare() {
    const auto options = wiring_.postgres_options(stop_.fd());
    if (!options) return false;
    auto connection = postgres::Connection::open(*options, postgres::ConnectionKind::replication);
    if (!connection) return false;
    const auto server = postgres::read_server(**connection);
    const auto relations = server ? postgres::read_relations(**connection, config_.publication)
                                  : Result<std::vector<postgres::Relation>>(server.error());
    if (!relations) return false;
    until_ = server->wal_end;
    const auto tables = TablePatterns::parse(filter_.tables),
               excluded = TablePatterns::parse(filter_.excluded);
    std::vector<postgres::Relation> monitored;
    for (const postgres::Relation& one : *relations) {
      const bool has_rows = one.kind == 'r' || one.kind == 'm';
      const bool left_out = excluded && excluded->matches(one.schema, one.name);
      if (has_rows && tables && tables->matches(one.schema, one.name) && !left_out) monitored.push_back(one);
    }
    std::stable_partition(monitored.begin(), monitored.end(),
                          [](const postgres::Relation& one) { return one.has_large_values; });
    for (const postgres::Relation& one : monitored) tables_.push_back(one.pattern());
    return true;
  }

  Outcome stream(std::span<const std::string> tables) {
    Filter part = filter_;
    part.tables.clear();
    for (const std::string& table : tables) part.tables += (part.tables.empty() ? "" : ",") + table;
    const Status decoded = trial_.run(*wiring_.make_plugin(part), {}, until_);
    if (decoded) return Outcome::passes;
    if (decoded.error().kind != ErrorKind::row_undecodable) return Outcome::unknown;
    return lsn_of_row(decoded.error()) == lsn_ ? Outcome::fails : Outcome::passes;
  }

  const Config& config_;
  const Wiring& wiring_;
  const Filter& filter_;
  const std::string lsn_;
  const StopSignal& stop_;
  const DecodeTrial trial_{config_, wiring_, stop_};
  Lsn until_;
  std::vector<std::string> tables_;
};

std::string excluding(const Config& config, const std::string& table) {
  const std::string excluded = config.excluded_tables.canonical();
  return "HASH_REALTIME_EXCLUDE_TABLES=" + (excluded.empty() ? table : excluded + "," + table);
}

/// The statement that lets the slot pass over the row, and what must follow it.
std::string passing(const Config& config, const std::string& to) {
  return "SELECT pg_replication_slot_advance('" + config.slot_name + "', " + to +
         "); and `hash-realtime accept-loss`.";
}

void say_wal2json(Error& error, const Config& config, const Wiring& wiring, const Filter& filter,
                  const std::string& lsn, const StopSignal& stop) {
  const std::string table = Search(config, wiring, filter, lsn, stop).run();
  const std::string past = "or pass over everything up to now: " + passing(config, "pg_current_wal_lsn()");
  if (!table.empty()) error.message = "table " + table + ", row at LSN " + lsn + ": " + error.message;
  error.remedy = "Leave the table out with " + excluding(config, table.empty() ? "<schema.table>" : table) +
                 " and start again; " + past;
}

void say_pgoutput(Error& error, const Config& config, const Wiring& wiring, const std::string& lsn,
                  const StopSignal& stop) {
  const auto until = end_of_log(wiring, stop);
  if (!until) return;
  const DecodeTrial trial(config, wiring, stop);
  const PublishedPoison found = find_published_poison(config, trial, lsn, *until);
  std::string tables;
  for (const std::string& table : found.tables) tables += (tables.empty() ? "" : ", ") + table;
  if (!tables.empty())
    error.message = (found.tables.size() == 1 ? "table " : "one of the tables ") + tables + ", row at LSN " +
                    lsn + ": " + error.message;
  const std::string past = found.behind == Lsn{} ? passing(config, "pg_current_wal_lsn()")
                                                 : passing(config, "'" + to_string(found.behind) + "'");
  error.remedy =
      "The row fails in the server, whatever the publication or HASH_REALTIME_EXCLUDE_TABLES say now. To "
      "leave its "
      "table out, give the slot to wal2json (docs/operations.md, \"Changing the plugin of a slot\") with " +
      excluding(config, found.tables.size() == 1 ? tables : "<schema.table>") +
      "; to pass over its whole transaction: " + past;
}

}  // namespace

Error with_poison_table(Error error, const Config& config, const Wiring& wiring, const Filter& filter,
                        const StopSignal& stop) {
  if (error.kind != ErrorKind::row_undecodable) return error;
  const std::string lsn = lsn_of_row(error);
  if (lsn.empty()) return error;
  log::warn("the output plugin cannot write a row: looking for its table",
            {{"slot", config.slot_name}, {"lsn", lsn}});
  if (config.plugin == Plugin::wal2json) {
    say_wal2json(error, config, wiring, filter, lsn, stop);
  } else {
    say_pgoutput(error, config, wiring, lsn, stop);
  }
  return error;
}

}  // namespace realtime
