#include "postgres/pgoutput/type_names.hpp"

#include <algorithm>
#include <limits>

namespace realtime::postgres::pgoutput {
namespace {

constexpr std::size_t kMostKnown = 100'000;      ///< of types that are made and dropped for ever
constexpr std::string_view kNoSuchType = "???";  ///< what format_type says; also of an array: "???[]"

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

std::string type_names_query(std::span<const TypeId> types) {
  std::string oids, modifiers;
  for (const TypeId& type : types) {
    const char* const comma = oids.empty() ? "" : ",";
    oids.append(comma).append(std::to_string(type.oid));
    modifiers.append(comma).append(std::to_string(type.modifier));
  }
  return "select pg_catalog.format_type(oid, modifier) from rows from (pg_catalog.unnest('{" + oids +
         "}'::pg_catalog.oid[]), pg_catalog.unnest('{" + modifiers +
         "}'::pg_catalog.int4[])) with ordinality as types(oid, modifier, place) order by place";
}

void TypeNames::declare(std::uint32_t oid, std::string_view schema, std::string_view name) {
  known_.erase(known_.lower_bound({oid, std::numeric_limits<std::int32_t>::min()}),
               known_.upper_bound({oid, std::numeric_limits<std::int32_t>::max()}));
  if (declared_.size() >= kMostKnown) declared_.clear();
  declared_[oid] = schema == "public" || schema == "pg_catalog" ? identifier(name)
                                                                : identifier(schema) + "." + identifier(name);
}

Result<std::vector<std::string>> TypeNames::names(std::span<const TypeId> types) {
  std::vector<TypeId> missing;
  for (const TypeId& type : types) {
    if (!known_.contains(type)) missing.push_back(type);
  }
  std::sort(missing.begin(), missing.end());
  missing.erase(std::unique(missing.begin(), missing.end()), missing.end());
  if (known_.size() + missing.size() > kMostKnown) {
    known_.clear();
    missing.assign(types.begin(), types.end());
  }
  if (!missing.empty()) {
    if (Status status = look_up(missing); !status) return status.error();
  }
  std::vector<std::string> found;
  found.reserve(types.size());
  for (const TypeId& type : types) found.push_back(known_[type]);
  return found;
}

Status TypeNames::look_up(std::span<const TypeId> missing) {
  if (!lookup_) return Error{ErrorKind::postgres_protocol, "no way to look up the names of types"};
  Result<std::vector<std::string>> answer = lookup_(missing);
  if (!answer) return answer.error();
  if (answer->size() != missing.size()) {
    return Error{ErrorKind::postgres_protocol,
                 "the catalog's answer to a question for type names is incomplete"};
  }
  for (std::size_t i = 0; i < missing.size(); ++i) {
    std::string& name = (*answer)[i];
    if (name.empty() || name.starts_with(kNoSuchType)) name = declared_name(missing[i].oid);
    known_[missing[i]] = std::move(name);
  }
  return ok();
}

std::string TypeNames::declared_name(std::uint32_t oid) const {
  const auto declared = declared_.find(oid);
  return declared == declared_.end() ? std::string(kNoSuchType) : declared->second;
}

}  // namespace realtime::postgres::pgoutput
