#pragma once

#include <cstddef>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <sys/uio.h>

namespace realtime::redis {

/// Commands on their way to Redis (RESP, redis.io "Redis serialization protocol"): small parts copied, large
/// ones borrowed, so that a frame's messages go from the frame to the socket. One thread at a time.
///
///   | *102 $5 LPUSH $6 search | $437 {...} $512 {...} ... (in the frame) | *5 $4 EVAL ... |
class Output {
 public:
  /// Below this, copying costs less than one more part in sendmsg.
  static constexpr std::size_t kBorrowBytes = 4096;

  void copy(std::string_view bytes);
  /// Large bytes must stay alive and unchanged until empty().
  void borrow(std::string_view bytes);
  /// The head of a command with so many arguments, its name among them.
  void begin_command(std::size_t arguments);
  void argument(std::string_view value);
  /// A whole command of small arguments.
  void command(std::initializer_list<std::string_view> arguments);

  bool empty() const { return parts_.empty(); }
  /// Fills `into` with what is next to be sent; the number of its elements that are used.
  std::size_t gather(std::span<iovec> into) const;
  /// So many bytes were sent.
  void advance(std::size_t bytes);
  /// Forgets everything; gives the memory of unusually large heads back.
  void clear();

 private:
  struct Part {
    const char* borrowed;  ///< null: at `offset` of copied_
    std::size_t offset;
    std::size_t size;
  };
  std::string copied_;
  std::vector<Part> parts_;
  std::size_t first_ = 0;   ///< the part that is being sent
  std::size_t within_ = 0;  ///< bytes of it that are sent
};

}  // namespace realtime::redis
