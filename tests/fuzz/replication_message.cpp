#include "fuzz/fuzz.hpp"
#include "postgres/replication_messages.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace realtime;
  const std::string_view bytes = test::text_of(data, size);
  const auto parsed = postgres::parse_replication_message(bytes);
  if (!parsed) return 0;
  if (const auto* row = std::get_if<postgres::XLogData>(&*parsed)) {
    test::require(row->payload.data() == bytes.data() + postgres::kXLogDataHeader &&
                      row->payload.size() == size - postgres::kXLogDataHeader,
                  "the payload is what follows the header");
  }
  return 0;
}
