#include <cerrno>

#include <poll.h>
#include <sys/socket.h>

#include "redis/byte_stream.hpp"
#include "redis/socket.hpp"

namespace realtime::redis {
namespace {

bool would_block(int error) {
  return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

Error cut(int error) {
  return {ErrorKind::redis_unreachable, "the connection to Redis was cut: " + errno_text(error)};
}

class PlainStream final : public ByteStream {
 public:
  explicit PlainStream(int fd) : fd_(fd) {}

  Result<bool> establish() override { return true; }

  Result<std::size_t> send(std::span<const iovec> parts) override {
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(parts.data());
    message.msg_iovlen = parts.size();
    const ssize_t sent = ::sendmsg(fd_, &message, MSG_NOSIGNAL);
    if (sent >= 0) return static_cast<std::size_t>(sent);
    if (would_block(errno)) return std::size_t{0};
    return cut(errno);
  }

  Result<Received> receive(std::span<char> into) override {
    const ssize_t got = ::recv(fd_, into.data(), into.size(), 0);
    if (got > 0)
      return Received{static_cast<std::size_t>(got), static_cast<std::size_t>(got) < into.size(), false};
    if (got == 0) return Received{0, true, true};
    if (would_block(errno)) return Received{0, true, false};
    return cut(errno);
  }

  short waits_for() const override { return 0; }

 private:
  int fd_;
};

}  // namespace

std::unique_ptr<ByteStream> plain_stream(int fd) {
  return std::make_unique<PlainStream>(fd);
}

}  // namespace realtime::redis
