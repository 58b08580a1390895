#include "postgres/pgoutput/relation.hpp"

#include "base/check.hpp"
#include "postgres/decoding/json_text.hpp"
#include "postgres/pgoutput/text_out.hpp"

namespace realtime::postgres::pgoutput {
namespace {

constexpr std::size_t kMostAroundValue = 8;  ///< two quotes, or null or false, and }
constexpr std::size_t kMostBetween = 32;     ///< ],"identity":[ and ]}

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

Relation::Relation(const RelationMessage& message, const std::vector<std::string>& types, bool generated_key)
    : schema(message.schema), name(message.name), has_generated_key(generated_key) {
  RT_CHECK(types.size() == message.columns.size(), "a name for each column's type");
  insert = head('I', *this, "columns");
  update = head('U', *this, "columns");
  remove = head('D', *this, "identity");
  columns.reserve(types.size());
  for (std::size_t i = 0; i < types.size(); ++i) {
    const std::size_t begin = pieces.size();
    pieces += R"(,{"name":)";
    append_json_string(pieces, message.columns[i].name);
    pieces += R"(,"type":)";
    append_type_name(pieces, types[i]);
    pieces += R"(,"value":)";
    has_whole_key = has_whole_key || (message.columns[i].key && !generated_key);
    columns.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(pieces.size() - begin),
                       kind_of(message.columns[i].type), message.columns[i].key});
  }
  most_around_values = update.size() + pieces.size() + columns.size() * kMostAroundValue + kMostBetween;
  pieces.append(TextWriter::kBlock, ' ');
}

std::size_t Relation::footprint() const {
  return sizeof *this + schema.capacity() + name.capacity() + insert.capacity() + update.capacity() +
         remove.capacity() + pieces.capacity() + columns.capacity() * sizeof(Column);
}

}  // namespace realtime::postgres::pgoutput
