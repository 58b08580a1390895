#pragma once

#include <memory>
#include <string>

#include "postgres/slot.hpp"
#include "postgres/slot_stream.hpp"

namespace realtime::bench {

/// Streams a copy of a slot, made for this connection and gone with it: the slot itself does not move, and
/// may be in use meanwhile.
inline Result<std::unique_ptr<postgres::SlotStream>> stream_copy(const postgres::ConnectOptions& options,
                                                                 const std::string& slot,
                                                                 const OutputPlugin& plugin) {
  auto connection = postgres::Connection::open(options, postgres::ConnectionKind::replication);
  if (!connection) return connection.error();
  const auto facts = postgres::read_slot(**connection, slot);
  if (!facts) return facts.error();
  if (!facts->exists) return Error{ErrorKind::slot_missing, "there is no slot " + slot};
  const std::string copy = "bench_copy_" + std::to_string((*connection)->backend_pid());
  const auto copied = (*connection)
                          ->query("select pg_copy_logical_replication_slot(" + (*connection)->literal(slot) +
                                  ", " + (*connection)->literal(copy) + ", true)");
  if (!copied) return copied.error();
  return postgres::SlotStream::start(std::move(*connection), {.slot = copy, .at = facts->confirmed_flush_lsn},
                                     plugin);
}

}  // namespace realtime::bench
