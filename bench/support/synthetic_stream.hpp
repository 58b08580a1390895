#pragma once

#include "support/stream.hpp"

namespace realtime::bench {

struct SyntheticStream {
  std::size_t messages = 50'000;
  std::size_t message_bytes = 437;  ///< of one message; at least 200
  std::size_t rows_a_transaction = 1;
};

/// wal2json's text of an insert, `size` bytes in all: columns of about 60 bytes, one in six of them a JSON
/// document.
std::string insert_text(std::uint32_t xid, std::size_t size);

/// A stream that no server has sent: inserts, a keepalive after every hundred transactions.
Stream make_stream(const SyntheticStream& shape);

}  // namespace realtime::bench
