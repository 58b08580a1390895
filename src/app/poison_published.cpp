#include "app/poison_published.hpp"

#include <algorithm>

#include "postgres/catalog/stream_notes.hpp"

namespace realtime {
namespace {

constexpr std::size_t kMostTables = 10;

}  // namespace

PublishedPoison find_published_poison(const Config& config, const DecodeTrial& trial, const std::string& lsn,
                                      Lsn until) {
  PublishedPoison found;
  // First everything; then from its transaction on, in which few tables are told of before the row.
  for (Lsn at; found.tables.size() != 1;) {
    postgres::StreamNotes seen;
    const Status ended = trial.run(*postgres::make_noting_plugin(config.publication, seen), at, until);
    const bool met =
        !ended && ended.error().kind == ErrorKind::row_undecodable && lsn_of_row(ended.error()) == lsn;
    if (!met) break;
    found.behind = Lsn{seen.commit.value + 1};
    if (seen.table_is_newest) seen.tables.erase(seen.tables.begin(), seen.tables.end() - 1);
    if (seen.tables.size() > kMostTables) seen.tables.clear();
    found.tables = std::move(seen.tables);
    if (seen.done <= at) break;
    at = seen.done;
  }
  return found;
}

}  // namespace realtime
