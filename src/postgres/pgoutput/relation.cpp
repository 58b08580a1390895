#include "postgres/pgoutput/relation.hpp"

#include "base/check.hpp"
#include "postgres/wal2json/json_text.hpp"

namespace realtime::postgres::pgoutput {
namespace {

/// wal2json goes by the column's own type: a domain over a number is text.
Relation::Kind kind_of(std::uint32_t type) {
  switch (type) {
    case 16:  // boolean
      return Relation::Kind::boolean;
    case 17:  // bytea
      return Relation::Kind::bytes;
    case 20:    // bigint
    case 21:    // smallint
    case 23:    // integer
    case 26:    // oid
    case 700:   // real
    case 701:   // double precision
    case 1700:  // numeric
      return Relation::Kind::number;
    default:
      return Relation::Kind::text;
  }
}

std::string head(char action, const Relation& relation, std::string_view list) {
  std::string text = R"({"action":")";
  text += action;
  text += R"(","schema":)";
  append_json_string(text, relation.schema);
  text += R"(,"table":)";
  append_json_string(text, relation.name);
  return text.append(",\"").append(list).append("\":[");
}

}  // namespace

Relation::Relation(const RelationMessage& message, const std::vector<std::string>& types)
    : schema(message.schema), name(message.name) {
  RT_CHECK(types.size() == message.columns.size(), "a name for each column's type");
  insert = head('I', *this, "columns");
  update = head('U', *this, "columns");
  remove = head('D', *this, "identity");
  columns.reserve(types.size());
  for (std::size_t i = 0; i < types.size(); ++i) {
    std::string before = R"(,{"name":)";
    append_json_string(before, message.columns[i].name);
    before += R"(,"type":)";
    append_type_name(before, types[i]);
    before += R"(,"value":)";
    columns.push_back({std::move(before), kind_of(message.columns[i].type), message.columns[i].key});
  }
}

}  // namespace realtime::postgres::pgoutput
