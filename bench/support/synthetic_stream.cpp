#include "support/synthetic_stream.hpp"

namespace realtime::bench {

std::string insert_text(std::uint32_t xid, std::size_t size) {
  std::string text =
      R"({"action":"I","xid":)" + std::to_string(xid) +
      R"(,"timestamp":"2026-11-22 06:00:53.165619+00","schema":"public","table":"entity_editions","columns":[)";
  text += R"({"name":"id","type":"bigint","value":123456})";
  for (int i = 0; text.size() + 130 < size; ++i) {
    text += R"(,{"name":"column_)" + std::to_string(i) + R"(","type":)";
    text += i % 6 == 4 ? R"("jsonb","value":"{\"name\": \"x\", \"type\": \"y\"}"})"
                       : std::string(i % 2 ? R"("timestamp with time zone")" : R"("text")") +
                             R"(,"value":"2024-01-02 04:05:06.7"})";
  }
  text += R"(,{"name":"rest","type":"text","value":")";
  if (text.size() + 4 < size) text.append(size - text.size() - 4, 'x');
  return text + "\"}]}";
}

Stream make_stream(const SyntheticStream& shape) {
  Stream stream;
  std::uint32_t xid = 728'000;
  std::uint64_t lsn = 0x1'0000'0000;
  for (std::size_t i = 0; i < shape.messages; ++i) {
    const bool begins = i % shape.rows_a_transaction == 0;
    if (begins && ++xid % 100 == 0) stream.add_keepalive({lsn += 64});
    stream.add_message({lsn += 256}, 0, insert_text(xid, shape.message_bytes));
  }
  stream.add_keepalive({lsn += 64});
  return stream;
}

}  // namespace realtime::bench
