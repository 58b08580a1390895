#include "config/secret.hpp"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/scrub.hpp"
#include "config/shown_value.hpp"

namespace realtime {
namespace {

class File {
 public:
  explicit File(const std::string& path)
      : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

}  // namespace

Result<std::string> read_secret(const std::string& path, ErrorKind kind) {
  const auto failed = [&](const std::string& why) {
    const std::string variable =
        kind == ErrorKind::postgres_authentication ? "HASH_PG_PASSWORD_FILE" : "HASH_REDIS_PASSWORD_FILE";
    return Error{
        kind, "the password file " + shown_path(path) + " " + why,
        variable + " must name a file that the service's user can read and that holds the password alone."};
  };
  const auto failed_with = [&](int code) {
    return failed("cannot be read: " + std::generic_category().message(code));
  };

  const File file(path);
  if (file.fd() < 0) return failed_with(errno);
  struct stat info {};
  if (::fstat(file.fd(), &info) != 0) return failed_with(errno);
  if (!S_ISREG(info.st_mode)) return failed("is not a file");

  std::string secret(kMaxSecret + 1, '\0');
  std::size_t length = 0;
  while (length < secret.size()) {
    const ssize_t n = ::read(file.fd(), secret.data() + length, secret.size() - length);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failed_with(errno);
    if (n == 0) break;
    length += static_cast<std::size_t>(n);
  }
  if (length > kMaxSecret) return failed("is larger than 64KiB");
  secret.resize(length);
  if (secret.ends_with('\n')) secret.pop_back();
  if (secret.ends_with('\r')) secret.pop_back();
  if (secret.empty()) return failed("is empty");
  if (secret.find('\0') != std::string::npos) return failed("holds a zero byte");
  scrub::add_secret(secret);
  return secret;
}

}  // namespace realtime
