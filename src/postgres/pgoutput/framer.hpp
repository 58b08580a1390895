#pragma once

#include <cstdint>

#include "realtime/output_plugin.hpp"

#include "postgres/pgoutput/known_relations.hpp"

namespace realtime::postgres::pgoutput {

/// Keeps what only the order of the stream can tell: the open transaction and the relations. Passes on the
/// rows of monitored tables, each with its transaction and its relation; of every commit a keepalive, for
/// everything below its end has been sent. May ask the catalog, when a monitored table is new or was altered,
/// or a type was renamed. One connection's; the reader alone.
class PgoutputFramer final : public Framer {
 public:
  PgoutputFramer(Monitored monitored, Catalog catalog)
      : relations_(std::move(monitored), std::move(catalog)) {}

  Status add(const WalMessage& message, Frame& frame) override;

 private:
  using Known = KnownRelations::Known;
  Status add_known(const WalMessage& message, Frame& frame);
  Status begin(const WalMessage& message, Frame& frame);
  Status commit(const WalMessage& message, Frame& frame);
  Status learn_relation(const WalMessage& message);
  Status learn_type(const WalMessage& message);
  Status add_row(const WalMessage& message, Frame& frame);
  Status add_truncate(const WalMessage& message, Frame& frame);
  std::uint32_t place_in(Frame& frame, Known& known);

  KnownRelations relations_;
  std::uint32_t xid_ = 0;  ///< 0: no transaction is open
  std::int64_t committed_us_ = 0;
};

}  // namespace realtime::postgres::pgoutput
