// The wire format, all integers big-endian (PostgreSQL documentation, "Streaming Replication Protocol"):
//
//   XLogData                  'w' | start lsn: 8 | end of WAL: 8 | sent at: 8 | payload: the rest
//   primary keepalive         'k' | end of WAL: 8 | sent at: 8 | reply requested: 1 (0 or 1)
//   standby status update     'r' | written: 8 | flushed: 8 | applied: 8 | sent at: 8 | reply requested: 1
//
// Times are microseconds since 2000-01-01 UTC. The slot's confirmed_flush_lsn follows the flushed position
// alone.

#include "postgres/replication_messages.hpp"

#include <string>

namespace realtime::postgres {
namespace {

constexpr std::size_t kKeepaliveSize = 18;

std::uint64_t read_u64(const char* bytes) {
  std::uint64_t value = 0;
  for (int i = 0; i < 8; ++i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

char* write_u64(char* bytes, std::uint64_t value) {
  for (int i = 7; i >= 0; --i, value >>= 8) bytes[i] = static_cast<char>(value & 0xFF);
  return bytes + 8;
}

Error refused(std::string what) {
  return {ErrorKind::postgres_protocol, "replication message refused: " + std::move(what)};
}

}  // namespace

Result<ReplicationMessage> parse_replication_message(std::string_view bytes) {
  if (bytes.empty()) return refused("it is empty");
  const char* field = bytes.data() + 1;
  switch (bytes.front()) {
    case 'w':
      if (bytes.size() < kXLogDataHeader)
        return refused("XLogData of " + std::to_string(bytes.size()) + " bytes");
      return ReplicationMessage(XLogData{Lsn{read_u64(field)}, Lsn{read_u64(field + 8)},
                                         static_cast<std::int64_t>(read_u64(field + 16)),
                                         bytes.substr(kXLogDataHeader)});
    case 'k':
      if (bytes.size() != kKeepaliveSize)
        return refused("keepalive of " + std::to_string(bytes.size()) + " bytes");
      if (bytes.back() != 0 && bytes.back() != 1)
        return refused("keepalive whose reply flag is neither 0 nor 1");
      return ReplicationMessage(PrimaryKeepalive{
          Lsn{read_u64(field)}, static_cast<std::int64_t>(read_u64(field + 8)), bytes.back() == 1});
    default:
      return refused("of unknown type " + std::to_string(static_cast<unsigned char>(bytes.front())));
  }
}

std::array<char, kStatusUpdateSize> build_status_update(Lsn received, Lsn confirmed, std::int64_t now_us,
                                                        bool ask_reply) {
  std::array<char, kStatusUpdateSize> bytes;
  char* field = bytes.data();
  *field++ = 'r';
  field = write_u64(field, received.value);
  field = write_u64(field, confirmed.value);
  field = write_u64(field, confirmed.value);
  field = write_u64(field, static_cast<std::uint64_t>(now_us));
  *field = ask_reply ? 1 : 0;
  return bytes;
}

}  // namespace realtime::postgres
