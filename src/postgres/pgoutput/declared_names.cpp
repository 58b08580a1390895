// The names of types that only their declaration in the stream tells.

#include <algorithm>
#include <utility>

#include "postgres/pgoutput/type_names.hpp"

namespace realtime::postgres::pgoutput {
namespace {

/// Those built-in types that SQL calls otherwise than the catalog (PostgreSQL documentation, "Data Types").
constexpr std::pair<std::string_view, std::string_view> kSqlNames[] = {
    {"bool", "boolean"},
    {"bpchar", "character"},
    {"char", "\"char\""},
    {"float4", "real"},
    {"float8", "double precision"},
    {"int2", "smallint"},
    {"int4", "integer"},
    {"int8", "bigint"},
    {"time", "time without time zone"},
    {"timestamp", "timestamp without time zone"},
    {"timestamptz", "timestamp with time zone"},
    {"timetz", "time with time zone"},
    {"varbit", "bit varying"},
    {"varchar", "character varying"},
};

std::string identifier(std::string_view name) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  if (!name.empty() && !(name[0] >= '0' && name[0] <= '9') && std::all_of(name.begin(), name.end(), plain)) {
    return std::string(name);
  }
  std::string quoted = "\"";
  for (const char c : name) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + '"';
}

}  // namespace

std::string name_of_declared(std::string_view schema, std::string_view name) {
  const bool is_array = name.size() > 1 && name.starts_with('_');  // how PostgreSQL names x[]
  if (is_array) name.remove_prefix(1);
  std::string text;
  if (schema == "pg_catalog") {
    const auto* const sql = std::find_if(std::begin(kSqlNames), std::end(kSqlNames),
                                         [name](const auto& one) { return one.first == name; });
    text = sql == std::end(kSqlNames) ? identifier(name) : std::string(sql->second);
  } else {
    text = schema == "public" ? identifier(name) : identifier(schema) + "." + identifier(name);
  }
  return is_array ? text + "[]" : text;
}

}  // namespace realtime::postgres::pgoutput
