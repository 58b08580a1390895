// What may answer `hash-realtime status`: nothing of it steers the terminal.
#include "cli/terminal/status_text.hpp"
#include "fuzz/fuzz.hpp"
#include "http/client/client.hpp"

namespace {

void harmless(std::string_view screen) {
  using realtime::test::require;
  require(screen.ends_with('\n'), "a screen ends in a line feed");
  unsigned char before = 0;
  for (const char character : screen) {
    const auto byte = static_cast<unsigned char>(character);
    require(byte == '\n' || (byte >= 0x20 && byte != 0x7F), "no control character");
    require(before != 0xC2 || byte >= 0xA0, "no control character of Latin-1");
    before = byte;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace realtime;
  const std::string_view input = test::text_of(data, size);
  const http::Answer answer = http::parse_answer(std::string(input));
  test::require(!answer || (answer.status >= 0 && answer.status <= 999), "a status has three digits");
  for (const std::string_view text : {std::string_view(answer.body), input}) {
    if (const auto screen = http::status_screen(text)) harmless(*screen);
    (void)http::status_screen(text, {true, 60});
  }
  return 0;
}
