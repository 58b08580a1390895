#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <unordered_map>

#include "realtime/output_plugin.hpp"

#include "postgres/pgoutput/relation.hpp"
#include "postgres/pgoutput/type_names.hpp"

namespace realtime::postgres::pgoutput {

/// Whether a table is to be delivered. Called in the reader's steps, once for each version of a table.
using Monitored = std::function<bool(std::string_view schema, std::string_view table)>;

/// Keeps what only the order of the stream can tell: the open transaction and the relations. Passes on the
/// rows of monitored tables, each with its transaction and its relation; of every commit a keepalive, for
/// everything below its end has been sent. May ask the catalog for the names of types, when a monitored table
/// is new or was altered. One connection's; the reader alone.
class PgoutputFramer final : public Framer {
 public:
  PgoutputFramer(Monitored monitored, TypeLookup lookup)
      : monitored_(std::move(monitored)), types_(std::move(lookup)) {}

  Status add(const WalMessage& message, Frame& frame) override;

 private:
  struct Known {
    std::shared_ptr<const Relation> relation;  ///< null: not monitored
    std::uint32_t place = 0;                   ///< in the newest frame that has it
  };
  Status add_known(const WalMessage& message, Frame& frame);
  Status begin(const WalMessage& message, Frame& frame);
  Status commit(const WalMessage& message, Frame& frame);
  Status learn_relation(const WalMessage& message);
  Status learn_type(const WalMessage& message);
  Status add_row(const WalMessage& message, Frame& frame);
  Status add_truncate(const WalMessage& message, Frame& frame);
  std::uint32_t place_in(Frame& frame, Known& known);

  const Monitored monitored_;
  TypeNames types_;
  std::unordered_map<std::uint32_t, Known> relations_;
  std::uint32_t xid_ = 0;  ///< 0: no transaction is open
};

}  // namespace realtime::postgres::pgoutput
