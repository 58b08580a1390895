#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include <sys/uio.h>

#include "realtime/result.hpp"

#include "redis/endpoint.hpp"

namespace realtime::redis {

/// What one read gave. `drained`: nothing more is there now; `ended`: nothing will come any more.
struct Received {
  std::size_t bytes = 0;
  bool drained = false;
  bool ended = false;
};

/// A connected socket as a stream of bytes, plain or over TLS. Never blocks, never raises SIGPIPE. Owned and
/// used by one thread at a time. Does not own the descriptor.
class ByteStream {
 public:
  virtual ~ByteStream() = default;
  /// Moves the beginning (TLS handshake) on; true once bytes can be sent.
  virtual Result<bool> establish() = 0;
  /// Sends some of it; 0 where the socket takes nothing now. What was not taken must be offered again,
  /// unchanged.
  virtual Result<std::size_t> send(std::span<const iovec> parts) = 0;
  virtual Result<Received> receive(std::span<char> into) = 0;
  /// poll(2) events that the last call waits for beyond the obvious ones (TLS may need to write to read).
  virtual short waits_for() const = 0;
};

std::unique_ptr<ByteStream> plain_stream(int fd);
/// Loads authorities and certificates anew, so that rotated files count at the next connect.
Result<std::unique_ptr<ByteStream>> tls_stream(int fd, const Endpoint& endpoint);

}  // namespace realtime::redis
