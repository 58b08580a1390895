#include "base/standard_descriptors.hpp"

#include <initializer_list>

#include <fcntl.h>
#include <unistd.h>

namespace realtime {

void keep_standard_descriptors() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(fd, F_GETFD) != -1) continue;
    // open() gives the lowest free descriptor, which is this one: those below it are open by now.
    const int opened = ::open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    if (opened >= 0 && opened != fd) ::close(opened);
  }
}

}  // namespace realtime
