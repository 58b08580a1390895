#pragma once

#include <string>
#include <vector>

#include "realtime/lsn.hpp"

#include "app/decode_trial.hpp"
#include "config/config.hpp"

namespace realtime {

/// What the stream of pgoutput tells of a row that it fails on.
struct PublishedPoison {
  /// One: its table. Several: one of them is. Patterns, as HASH_REALTIME_TABLES takes them; at most ten.
  std::vector<std::string> tables;
  Lsn behind;  ///< a slot that is here passes over the row's transaction and no other; zero: not known
};

/// Streams the slot to the row at `lsn` and looks at what comes before it: pgoutput tells of a table just
/// before its first row, and of a transaction's commit at its begin. No filter of ours helps: the row fails
/// in the server, before we could leave it out. One thread.
PublishedPoison find_published_poison(const Config& config, const DecodeTrial& trial, const std::string& lsn,
                                      Lsn until);

}  // namespace realtime
