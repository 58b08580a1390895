#include "postgres/pgoutput/wire.hpp"

#include <cstring>

namespace realtime::postgres::pgoutput {
namespace {

/// A schema's name: pg_catalog is sent as an empty one.
std::string_view schema_of(std::string_view sent) {
  return sent.empty() ? std::string_view("pg_catalog") : sent;
}

}  // namespace

std::string_view FieldReader::string() {
  const void* zero = at_ == end_ ? nullptr : std::memchr(at_, 0, static_cast<std::size_t>(end_ - at_));
  if (zero == nullptr) {
    fail();
    return {};
  }
  const char* const begin = at_;
  at_ = static_cast<const char*>(zero) + 1;
  return {begin, static_cast<std::size_t>(at_ - begin - 1)};
}

std::optional<RelationMessage> parse_relation(std::string_view bytes) {
  FieldReader fields(bytes);
  RelationMessage relation{};
  relation.id = fields.int32();
  relation.schema = schema_of(fields.string());
  relation.name = fields.string();
  relation.identity = static_cast<char>(fields.byte());
  const std::size_t count = fields.int16();
  for (std::size_t i = 0; i < count && fields.good(); ++i) {
    RelationMessage::Column column;
    column.key = (fields.byte() & 1) != 0;
    column.name = fields.string();
    column.type = fields.int32();
    column.modifier = static_cast<std::int32_t>(fields.int32());
    relation.columns.push_back(column);
  }
  if (!fields.good() || !fields.at_end()) return std::nullopt;
  return relation;
}

std::optional<TypeMessage> parse_type(std::string_view bytes) {
  FieldReader fields(bytes);
  TypeMessage type;
  type.id = fields.int32();
  type.schema = schema_of(fields.string());
  type.name = fields.string();
  if (!fields.good() || !fields.at_end()) return std::nullopt;
  return type;
}

}  // namespace realtime::postgres::pgoutput
