#pragma once

#include <termios.h>

namespace realtime::cli {

/// The keys of a terminal one by one, without echo, for as long as it lives; its settings are put back. Where
/// standard input is no terminal, it does nothing. One thread.
class TerminalKeys {
 public:
  TerminalKeys();
  ~TerminalKeys();
  TerminalKeys(const TerminalKeys&) = delete;
  TerminalKeys& operator=(const TerminalKeys&) = delete;

  /// To be polled; -1 where there are no keys.
  int fd() const { return fd_; }
  /// Takes what has been typed; whether a `q` was in it. At the terminal's end there are no keys any more.
  bool quits();

 private:
  int fd_ = -1;
  termios before_{};
};

}  // namespace realtime::cli
