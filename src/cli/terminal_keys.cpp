#include "cli/terminal_keys.hpp"

#include <cerrno>
#include <string_view>

#include <unistd.h>

namespace realtime::cli {

TerminalKeys::TerminalKeys() {
  // A program in the background that sets its terminal is stopped by the kernel.
  const bool ours = isatty(STDIN_FILENO) == 1 && tcgetpgrp(STDIN_FILENO) == getpgrp();
  if (!ours || tcgetattr(STDIN_FILENO, &before_) != 0) return;
  termios keys = before_;
  keys.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
  if (tcsetattr(STDIN_FILENO, TCSANOW, &keys) == 0) fd_ = STDIN_FILENO;
}

TerminalKeys::~TerminalKeys() {
  if (fd_ >= 0) tcsetattr(STDIN_FILENO, TCSANOW, &before_);
}

bool TerminalKeys::quits() {
  char typed[64];
  const ssize_t size = read(STDIN_FILENO, typed, sizeof typed);
  if (size > 0)
    return std::string_view(typed, static_cast<std::size_t>(size)).find_first_of("qQ") !=
           std::string_view::npos;
  if (size == 0 || errno != EINTR) fd_ = -1;
  return false;
}

}  // namespace realtime::cli
