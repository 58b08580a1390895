#include "app/poison_row.hpp"

#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "config/tables.hpp"
#include "postgres/catalog/relations.hpp"
#include "postgres/decode_probe.hpp"
#include "postgres/slot.hpp"

namespace realtime {
namespace {

constexpr Duration kAtMost = std::chrono::minutes(1);
constexpr Duration kPause = std::chrono::milliseconds(100);  // until the walsender before has let the slot go

/// "0/498AA4D0" of an error's context; empty: it names none.
std::string lsn_in(const std::string& message) {
  constexpr std::string_view kBefore = "associated LSN ";
  const std::size_t at = message.find(kBefore);
  if (at == std::string::npos) return {};
  const std::size_t begin = at + kBefore.size();
  return message.substr(begin, message.find_first_not_of("0123456789ABCDEF/", begin) - begin);
}

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
    const auto plugin = wiring_.make_plugin(part);
    const postgres::DecodeProbe probe{config_.slot_name, *plugin, until_, deadline_, stop_.fd()};
    while (std::chrono::steady_clock::now() < deadline_) {
      const auto options = wiring_.postgres_options(stop_.fd());
      if (!options) break;
      auto connection = postgres::Connection::open(*options, postgres::ConnectionKind::replication);
      if (!connection) break;
      const Status decoded = postgres::try_to_decode(std::move(*connection), probe);
      if (decoded) return Outcome::passes;
      if (decoded.error().kind == ErrorKind::row_undecodable)
        return lsn_in(decoded.error().message) == lsn_ ? Outcome::fails : Outcome::passes;
      if (decoded.error().kind != ErrorKind::slot_active) break;
      if (stop_.wait_until(std::chrono::steady_clock::now() + kPause)) break;
    }
    return Outcome::unknown;
  }

  const Config& config_;
  const Wiring& wiring_;
  const Filter& filter_;
  const std::string lsn_;
  const StopSignal& stop_;
  const TimePoint deadline_ = std::chrono::steady_clock::now() + kAtMost;
  Lsn until_;
  std::vector<std::string> tables_;
};

}  // namespace

Error with_poison_table(Error error, const Config& config, const Wiring& wiring, const Filter& filter,
                        const StopSignal& stop) {
  if (error.kind != ErrorKind::row_undecodable || config.plugin != Plugin::wal2json) return error;
  const std::string lsn = lsn_in(error.message);
  if (lsn.empty()) return error;
  log::warn("the output plugin cannot write a row: looking for its table",
            {{"slot", config.slot_name}, {"lsn", lsn}});
  const std::string table = Search(config, wiring, filter, lsn, stop).run();
  if (table.empty()) return error;
  error.message = "table " + table + ", row at LSN " + lsn + ": " + error.message;
  const std::string excluded = config.excluded_tables.canonical();
  error.remedy = "Leave the table out with HASH_REALTIME_EXCLUDE_TABLES=" +
                 (excluded.empty() ? table : excluded + "," + table) +
                 " and start again; or pass over everything up to an LSN behind the row: SELECT "
                 "pg_replication_slot_advance('" +
                 config.slot_name + "', '<lsn>'); and `hash-realtime accept-loss`.";
  return error;
}

}  // namespace realtime
