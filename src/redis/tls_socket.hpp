#pragma once

#include <openssl/bio.h>

namespace realtime::redis {

/// A BIO over a socket that sends with MSG_NOSIGNAL: OpenSSL's own raises SIGPIPE where the server is gone,
/// and a library has no business in the process' signal table. Does not own the descriptor. Null: out of
/// memory.
BIO* make_socket_bio(int fd);

}  // namespace realtime::redis
