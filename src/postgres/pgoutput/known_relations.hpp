#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "realtime/lsn.hpp"
#include "realtime/result.hpp"

#include "postgres/pgoutput/catalog.hpp"
#include "postgres/pgoutput/relation.hpp"
#include "postgres/pgoutput/type_names.hpp"

namespace realtime::postgres::pgoutput {

/// Whether a table is to be delivered. Called in the reader's steps, once for each version of a table.
using Monitored = std::function<bool(std::string_view schema, std::string_view table)>;

/// The tables that a connection has told of. PostgreSQL tells of each once and never that one was dropped, so
/// that they are forgotten here: once they take more than a few MiB the catalog is asked which of them are
/// gone, and those go as soon as the stream has passed the moment of the question. One connection's; the
/// reader alone.
class KnownRelations {
 public:
  KnownRelations(Monitored monitored, Catalog catalog)
      : monitored_(std::move(monitored)), catalog_(std::move(catalog)), types_(catalog_.types) {}

  struct Known {
    std::shared_ptr<const Relation> relation;  ///< null: not monitored
    std::uint32_t place = 0;                   ///< in the newest frame that has it
    std::string message;  ///< the Relation message, where a type of its is not built in: its name may change
  };

  void declare(const TypeMessage& type) { types_.declare(type.id, type.schema, type.name); }
  /// A Relation message, without its letter; `message` is what was parsed from it.
  Status learn(const RelationMessage& message, std::string_view bytes);
  Known* find(std::uint32_t id) {
    const auto known = relations_.find(id);
    return known == relations_.end() ? nullptr : &known->second;
  }
  /// A transaction begins: names of types that may have changed are asked for anew.
  Status begin();
  /// Everything that committed before `end` has been received.
  void committed(Lsn end);

  std::size_t footprint() const { return bytes_; }
  static constexpr std::size_t kMostUnasked = 4 << 20;

 private:
  Result<std::shared_ptr<const Relation>> prepare(const RelationMessage& message);
  Status name_types_anew();
  Status look_for_gone();
  void forget(std::uint32_t id);

  const Monitored monitored_;
  const Catalog catalog_;
  TypeNames types_;
  std::unordered_map<std::uint32_t, Known> relations_;
  std::size_t bytes_ = 0;              ///< what they take
  std::size_t ask_at_ = kMostUnasked;  ///< bytes at which the catalog is asked which are gone
  GoneRelations gone_;                 ///< go when the stream has passed `by`
  std::uint64_t version_ = 0;          ///< of the catalog, when names were asked for last
};

}  // namespace realtime::postgres::pgoutput
