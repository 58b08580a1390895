#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "realtime/output_plugin.hpp"

#include "postgres/connection.hpp"

namespace realtime::bench {

/// A command line of words and of --name=value (a bare --name has the value "1").
class Arguments {
 public:
  /// Prints what is unknown and ends the program with 2.
  Arguments(int count, char** words, const std::vector<std::string>& known, const char* usage);

  std::string text(const std::string& name, const std::string& fallback) const;
  std::uint64_t number(const std::string& name, std::uint64_t fallback) const;
  bool has(const std::string& name) const { return values_.contains(name); }
  const std::vector<std::string>& words() const { return words_; }

 private:
  std::map<std::string, std::string> values_;
  std::vector<std::string> words_;
};

/// How to reach PostgreSQL: HASH_PG_HOST and its kin, as the service reads them.
postgres::ConnectOptions postgres_from_environment();

/// The plugin for these tables (HASH_REALTIME_TABLES' words). wal2json is the only one.
std::shared_ptr<const OutputPlugin> make_plugin(const std::string& tables);

/// Prints the error and its remedy; 1.
int failed(const Error& error);

}  // namespace realtime::bench
