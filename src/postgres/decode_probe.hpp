#pragma once

#include <memory>
#include <string>

#include "realtime/output_plugin.hpp"

#include "base/clock.hpp"
#include "postgres/connection.hpp"

namespace realtime::postgres {

/// What is to be tried, and how far.
struct DecodeProbe {
  std::string slot;
  const OutputPlugin& plugin;
  Lsn until;  ///< beyond it nothing matters
  Lsn at{};   ///< stream from here; lower than the slot's own position counts as that
  TimePoint deadline;
  int stop_fd = -1;
};

/// Streams a slot from `at` on, throws everything away and confirms nothing: whether the plugin
/// gets as far as `until`, or the error that ends it. postgres_unreachable where the time is over before,
/// slot_active where another streams. Uses the replication connection up. One thread.
Status try_to_decode(std::unique_ptr<Connection> connection, const DecodeProbe& probe);

}  // namespace realtime::postgres
