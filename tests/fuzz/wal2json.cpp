#include "postgres/wal2json/wal2json.hpp"

#include "fuzz/messages.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace realtime;
  const std::string_view input = test::text_of(data, size);
  test::decodes_to_whole_bulks(postgres::Wal2json({"wal2json", "*.*", ""}, {}, nullptr), input);
  test::decodes_to_whole_bulks(postgres::Wal2json({"wal2json", "*.*", ""}, {64, true}, nullptr), input);
  return 0;
}
