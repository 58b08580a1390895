#include "support/stream_file.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include <fcntl.h>
#include <unistd.h>

namespace realtime::bench {
namespace {

constexpr std::string_view kFirstLine = "hash-realtime stream 1\n";
constexpr std::string_view kWarning =
    "It holds the contents of database rows as the server sent them. Treat it as you treat the database.\n";

Error wrong(const std::string& path, const std::string& why) {
  return {ErrorKind::wrong_setting, path + ": " + why, "Name another file."};
}

/// What is left of a file's text, taken from the front.
struct Rest {
  std::string_view text;
  bool short_ = false;

  std::string_view take(std::size_t size) {
    short_ = short_ || size > text.size();
    if (short_) return {};
    const std::string_view taken = text.substr(0, size);
    text.remove_prefix(size);
    return taken;
  }
  std::uint64_t number(std::size_t size) {
    std::uint64_t value = 0;
    for (const char byte : take(size)) value = value << 8 | static_cast<unsigned char>(byte);
    return value;
  }
  std::string_view line() {
    const std::size_t end = text.find('\n');
    return take(end == std::string_view::npos ? text.size() + 1 : end + 1);
  }
};

}  // namespace

Result<StreamFile> StreamFile::create(const std::string& path, std::string_view plugin) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return wrong(path, std::strerror(errno));
  std::FILE* file = fdopen(fd, "w");
  if (file == nullptr) {
    ::close(fd);
    return wrong(path, "out of memory");
  }
  std::fprintf(file, "%s%splugin %s\n\n", kFirstLine.data(), kWarning.data(), std::string(plugin).c_str());
  return StreamFile(file);
}

void StreamFile::put(std::uint64_t number, int size) {
  for (int shift = (size - 1) * 8; shift >= 0; shift -= 8) {
    std::putc(static_cast<int>(number >> shift & 0xFF), file_.get());
  }
}

void StreamFile::message(Lsn lsn, std::int64_t sent_at_us, std::string_view payload) {
  std::putc('w', file_.get());
  put(lsn.value, 8);
  put(static_cast<std::uint64_t>(sent_at_us), 8);
  put(payload.size(), 4);
  std::fwrite(payload.data(), 1, payload.size(), file_.get());
}

void StreamFile::keepalive(Lsn lsn) {
  std::putc('k', file_.get());
  put(lsn.value, 8);
}

Status StreamFile::close() {
  const bool failed = std::fflush(file_.get()) != 0 || std::ferror(file_.get()) != 0;
  const int error = errno;
  file_.reset();
  if (failed)
    return Error{ErrorKind::wrong_setting,
                 std::string("the stream could not be written: ") + std::strerror(error),
                 "Make room, or name another file."};
  return ok();
}

Result<Stream> read_stream(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return wrong(path, std::strerror(errno));
  const std::string text{std::istreambuf_iterator<char>(file), {}};

  Rest rest{text};
  if (rest.line() != kFirstLine) return wrong(path, "no stream of hash-realtime, or of another version");
  rest.line();
  std::string_view plugin = rest.line();
  if (!plugin.starts_with("plugin ") || rest.line() != "\n") return wrong(path, "its head is damaged");
  plugin.remove_prefix(std::strlen("plugin "));

  Stream stream;
  stream.plugin = plugin.substr(0, plugin.size() - 1);
  stream.bytes.reserve(rest.text.size());
  while (!rest.text.empty()) {
    const std::string_view kind = rest.take(1);
    const Lsn lsn{rest.number(8)};
    if (kind == "k") {
      stream.add_keepalive(lsn);
    } else if (kind == "w") {
      const auto sent_at_us = static_cast<std::int64_t>(rest.number(8));
      const std::uint64_t length = rest.number(4);
      stream.add_message(lsn, sent_at_us, rest.take(length));
    } else {
      return wrong(path, "an event of an unknown kind");
    }
    if (rest.short_) return wrong(path, "it ends within an event");
  }
  return stream;
}

}  // namespace realtime::bench
