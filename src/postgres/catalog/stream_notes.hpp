#pragma once

#include <memory>
#include <string>
#include <vector>

#include "realtime/lsn.hpp"
#include "realtime/output_plugin.hpp"

namespace realtime::postgres {

/// What a stream of pgoutput has told so far beside its rows. A value.
struct StreamNotes {
  std::vector<std::string> tables;  ///< told of on this connection, as patterns, the last one last
  bool table_is_newest = false;     ///< no row has come since
  Lsn commit;                       ///< of the transaction that is open, where its record begins
  Lsn done;                         ///< the end of the last one that came whole
};

/// pgoutput, of whose stream nothing is kept but notes: for a trial of the slot. `notes` must outlive it, and are
/// written on the thread that drains. It has no decoder.
std::unique_ptr<OutputPlugin> make_noting_plugin(const std::string& publication, StreamNotes& notes);

}  // namespace realtime::postgres
