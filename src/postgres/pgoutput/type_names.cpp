#include "postgres/pgoutput/type_names.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace realtime::postgres::pgoutput {
namespace {

constexpr std::size_t kMostKnown = 10'000;       ///< of types that are made and dropped for ever
constexpr std::string_view kNoSuchType = "???";  ///< what format_type says; also of an array: "???[]"

std::vector<TypeId> each_once(std::vector<TypeId> types) {
  std::sort(types.begin(), types.end());
  types.erase(std::unique(types.begin(), types.end()), types.end());
  return types;
}

bool is_unknown(std::string_view name) {
  return name.empty() || name.starts_with(kNoSuchType);
}

}  // namespace

void TypeNames::declare(std::uint32_t oid, std::string_view schema, std::string_view name) {
  known_.erase(known_.lower_bound({oid, std::numeric_limits<std::int32_t>::min()}),
               known_.upper_bound({oid, std::numeric_limits<std::int32_t>::max()}));
  if (declared_.size() >= kMostKnown) declared_.clear();
  declared_[oid] = name_of_declared(schema, name);
}

Result<std::vector<std::string>> TypeNames::names(std::span<const TypeId> types) {
  std::vector<TypeId> missing;
  for (const TypeId& type : types) {
    if (!known_.contains(type)) missing.push_back(type);
  }
  missing = each_once(std::move(missing));
  if (known_.size() + missing.size() > kMostKnown) {
    known_.clear();
    missing = each_once({types.begin(), types.end()});
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
  auto answer = ask(missing);
  if (!answer) return answer.error();
  for (std::size_t i = 0; i < missing.size(); ++i) {
    std::string& name = (*answer)[i];
    if (is_unknown(name)) name = declared_name(missing[i].oid);
    known_[missing[i]] = std::move(name);
  }
  return ok();
}

Result<bool> TypeNames::ask_anew(std::vector<TypeId> types) {
  types = each_once(std::move(types));
  const auto answer = ask(types);
  if (!answer) return answer.error();
  bool changed = false;
  for (std::size_t i = 0; i < types.size(); ++i) {
    const std::string& name = (*answer)[i];
    std::string& known = known_[types[i]];
    if (known == name || (is_unknown(name) && !known.empty())) continue;
    known = is_unknown(name) ? std::string(kNoSuchType) : name;
    changed = true;
  }
  return changed;
}

Result<std::vector<std::string>> TypeNames::ask(std::span<const TypeId> types) const {
  if (!lookup_) return Error{ErrorKind::postgres_protocol, "no way to look up the names of types"};
  Result<std::vector<std::string>> answer = lookup_(types);
  if (answer && answer->size() != types.size()) {
    return Error{ErrorKind::postgres_protocol,
                 "the catalog's answer to a question for type names is incomplete"};
  }
  return answer;
}

std::string TypeNames::declared_name(std::uint32_t oid) const {
  const auto declared = declared_.find(oid);
  return declared == declared_.end() ? std::string(kNoSuchType) : declared->second;
}

}  // namespace realtime::postgres::pgoutput
