#pragma once

#include <string>
#include <vector>

/// Tables and changes that between them have every type, name, replica identity and order of events that an
/// output plugin treats in a way of its own. Each string is one transaction.
namespace realtime::test {

/// Values of every type, as columns of one table: extremes, nulls, what JSON must escape.
std::vector<std::string> type_changes();
/// Types whose names need quoting, hold quotes, backslashes or dots; arrays of them and domains over them.
std::vector<std::string> odd_type_changes();
/// Tables, columns and schemas with names that need escaping.
std::vector<std::string> name_changes();
/// Every replica identity, key changes, unchanged and changed TOAST.
std::vector<std::string> identity_changes();
/// Partitions, inheritance, COPY-like inserts, savepoints, upserts, materialized views, TRUNCATE, DDL between
/// the changes of one table, two transactions at once, prepared transactions.
std::vector<std::string> event_changes();
/// A long run of changes of all sizes, which fills many frames.
std::vector<std::string> many_changes();
/// Generated columns, which pgoutput before PostgreSQL 18 leaves out.
std::vector<std::string> generated_changes();

inline std::vector<std::string> all_changes() {
  std::vector<std::string> all;
  for (const auto& part : {type_changes(), odd_type_changes(), name_changes(), identity_changes(),
                           event_changes(), many_changes()}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

}  // namespace realtime::test
