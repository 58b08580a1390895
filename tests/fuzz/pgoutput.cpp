#include "fuzz/messages.hpp"
#include "postgres/pgoutput/pgoutput_messages.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace realtime;
  const std::string_view input = test::text_of(data, size);
  test::decodes_to_whole_bulks(test::pgoutput_of(), input);
  test::decodes_to_whole_bulks(test::pgoutput_of({64, true}), input);
  return 0;
}
