#include "realtime/checkpoint_text.hpp"

#include "fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace realtime;
  const Result<Record> record = parse_record(test::text_of(data, size));
  if (!record) return 0;
  const Result<Record> again = parse_record(format_record(*record));
  test::require(again && *again == *record, "a record that was read is written as what it says");
  return 0;
}
