#include "fuzz/fuzz.hpp"
#include "redis/replies.hpp"
#include "redis/reply.hpp"

namespace {

std::size_t replies_in(std::string_view bytes, std::size_t piece) {
  realtime::redis::ReplyReader reader(1 << 16);
  std::size_t count = 0;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    if (!reader.feed(bytes.substr(at, piece))) return count;
    for (;;) {
      const auto reply = reader.next();
      if (!reply) return count;
      if (!*reply) break;
      ++count;
    }
  }
  return count;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace realtime;
  const std::string_view bytes = test::text_of(data, size);
  if (size < 1 << 16) {
    test::require(replies_in(bytes, size + 1) == replies_in(bytes, 3),
                  "replies do not depend on how they arrive");
  }
  const Error error = redis::error_from(bytes, "a test");
  for (const char character : error.message)
    test::require(character >= 0x20 && character <= 0x7e, "only what can be printed is shown");
  test::require(error.message.size() < 400, "what is shown of a reply is bounded");
  return 0;
}
