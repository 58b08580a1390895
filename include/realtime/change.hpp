#pragma once

#include <cstdint>

#include "realtime/lsn.hpp"

namespace realtime {

/// One insert, update or delete, ready to be delivered. Its text stands in its frame as a RESP bulk string,
/// "$<length>\r\n<message>\r\n", so that no stage after the decoder touches it again. A value.
struct Change {
  std::uint32_t offset = 0;  ///< of the bulk string in the frame's encoded run
  std::uint32_t length =
      0;  ///< of the whole bulk string; 0: it takes a number but is not delivered (oversize)
  std::uint32_t xid = 0;
  std::uint32_t ordinal = 0;      ///< among the changes of this xid at this LSN; set by the sequencer
  Lsn lsn;                        ///< start of the row's WAL record
  std::int64_t committed_us = 0;  ///< its transaction's commit time, as in Identity
};

/// What stands between changes in the stream.
struct Mark {
  enum class Kind : std::uint8_t {
    keepalive,  ///< the server has decoded up to `lsn` and sent everything below it
    begin,      ///< a transaction begins: `xid` (pgoutput; wal2json only with include-transaction)
  };
  Kind kind = Kind::keepalive;
  std::uint32_t xid = 0;
  std::uint32_t after = 0;  ///< how many changes of the frame come before it
  Lsn lsn;
  std::int64_t committed_us = 0;  ///< of a begin: its transaction's commit time, as in Identity
};

}  // namespace realtime
