#include "postgres/pgoutput/known_relations.hpp"

#include <algorithm>
#include <utility>

namespace realtime::postgres::pgoutput {
namespace {

constexpr std::size_t kEntry = 128;  // a node of the map, about

std::size_t footprint_of(const KnownRelations::Known& known) {
  return kEntry + known.message.capacity() + (known.relation ? known.relation->footprint() : 0);
}

bool has_own_types(const RelationMessage& message) {
  return std::any_of(message.columns.begin(), message.columns.end(),
                     [](const RelationMessage::Column& one) { return one.type >= TypeNames::kFirstOwn; });
}

}  // namespace

Status KnownRelations::learn(const RelationMessage& message, std::string_view bytes) {
  forget(message.id);
  std::erase(gone_.ids, message.id);  // its number was given to another
  Known known;
  if (monitored_(message.schema, message.name)) {
    auto relation = prepare(message);
    if (!relation) return relation.error();
    known.relation = std::move(*relation);
    if (has_own_types(message)) known.message = bytes;
  }
  types_.forget_declared();  // each table's types are declared before it
  bytes_ += footprint_of(known);
  relations_[message.id] = std::move(known);
  return bytes_ < ask_at_ || !gone_.ids.empty() ? ok() : look_for_gone();
}

Result<std::shared_ptr<const Relation>> KnownRelations::prepare(const RelationMessage& message) {
  std::vector<TypeId> ids;
  for (const auto& column : message.columns) ids.push_back({column.type, column.modifier});
  const auto names = types_.names(ids);
  if (!names) return names.error();
  bool generated_key = false;
  if (catalog_.has_generated_key && (message.identity == 'd' || message.identity == 'i')) {
    const auto answer = catalog_.has_generated_key(message.id);
    if (!answer) return answer.error();
    generated_key = *answer;
  }
  return std::make_shared<const Relation>(message, *names, generated_key);
}

Status KnownRelations::begin() {
  if (!catalog_.version) return ok();
  const std::uint64_t version = catalog_.version();
  if (version == version_) [[likely]]
    return ok();
  version_ = version;
  return name_types_anew();
}

Status KnownRelations::name_types_anew() {
  std::vector<std::pair<Known*, RelationMessage>> tables;
  std::vector<TypeId> types;
  for (auto& [id, known] : relations_) {
    if (known.message.empty()) continue;
    auto message = parse_relation(known.message);
    if (!message) continue;  // it could be read when it came
    for (const auto& column : message->columns) {
      if (column.type >= TypeNames::kFirstOwn) types.push_back({column.type, column.modifier});
    }
    tables.emplace_back(&known, std::move(*message));
  }
  if (types.empty()) return ok();
  const Result<bool> changed = types_.ask_anew(std::move(types));
  if (!changed) return changed.error();
  if (!*changed) return ok();
  for (auto& [known, message] : tables) {
    const bool generated_key = known->relation->has_generated_key;
    std::vector<TypeId> ids;
    for (const auto& column : message.columns) ids.push_back({column.type, column.modifier});
    const auto names = types_.names(ids);
    if (!names) return names.error();
    bytes_ -= footprint_of(*known);
    known->relation = std::make_shared<const Relation>(message, *names, generated_key);
    bytes_ += footprint_of(*known);
  }
  return ok();
}

Status KnownRelations::look_for_gone() {
  if (!catalog_.gone) return ok();
  std::vector<std::uint32_t> ids;
  ids.reserve(relations_.size());
  for (const auto& [id, known] : relations_) ids.push_back(id);
  auto answer = catalog_.gone(ids);
  if (!answer) return answer.error();
  gone_ = std::move(*answer);
  ask_at_ = 2 * bytes_;
  return ok();
}

void KnownRelations::committed(Lsn end) {
  if (gone_.ids.empty() || end < gone_.by) [[likely]]
    return;
  for (const std::uint32_t id : gone_.ids) forget(id);
  gone_ = {};
  ask_at_ = std::max(kMostUnasked, 2 * bytes_);
}

void KnownRelations::forget(std::uint32_t id) {
  const auto known = relations_.find(id);
  if (known == relations_.end()) return;
  bytes_ -= footprint_of(known->second);
  relations_.erase(known);
}

}  // namespace realtime::postgres::pgoutput
