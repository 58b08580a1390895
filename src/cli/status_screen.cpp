#include "cli/status_screen.hpp"

#include <algorithm>

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/stop_signal.hpp"
#include "cli/commands.hpp"
#include "cli/terminal/status_text.hpp"
#include "cli/terminal_keys.hpp"

namespace realtime::cli {
namespace {

using Steady = std::chrono::steady_clock;

struct Size {
  std::size_t columns = 80;
  std::size_t rows = 0;  ///< not known: no limit
};

Size terminal_size() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return {};
  return {std::max<std::size_t>(size.ws_col, 60), size.ws_row};
}

/// The first lines, as many as the terminal shows: the headline and what is wrong stand at the top.
std::string cut_to(std::string text, std::size_t rows) {
  if (rows < 3) return text;
  std::size_t at = 0;
  for (std::size_t row = 0; row + 2 < rows; ++row) {
    at = text.find('\n', at);
    if (at == std::string::npos) return text;
    ++at;
  }
  const auto left = std::count(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(), '\n');
  if (left <= 1) return text;
  text.resize(at);
  return text + "  … " + std::to_string(left) + " more lines: a taller window shows them\n";
}

/// Waits a second. False: somebody ended it.
bool goes_on(const StopSignal& stop, TerminalKeys& keys) {
  const auto until = Steady::now() + std::chrono::seconds(1);
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Steady::now()).count();
    if (left <= 0) return true;
    pollfd either[2] = {{stop.fd(), POLLIN, 0}, {keys.fd(), POLLIN, 0}};
    if (poll(either, 2, static_cast<int>(left)) <= 0) continue;
    if (either[0].revents != 0) return false;
    if (either[1].revents != 0 && keys.quits()) return false;
  }
}

}  // namespace

Result<std::string> ask_status(const StatusTarget& target) {
  http::Answer answer = target.get("/status");
  const std::string remedy = "Check that the service runs, and that " + target.setting + " name it.";
  if (!answer) return Error{ErrorKind::wrong_setting, "no instance answers: " + answer.error, remedy};
  if (answer.status == 200) return std::move(answer.body);
  return Error{ErrorKind::wrong_setting, "no instance answers: HTTP " + std::to_string(answer.status),
               remedy};
}

Result<std::string> draw_status(const StatusTarget& target) {
  const Result<std::string> body = ask_status(target);
  if (!body) return body.error();
  auto text = http::status_screen(*body, {isatty(STDOUT_FILENO) == 1, terminal_size().columns});
  if (text) return std::move(*text);
  return Error{ErrorKind::wrong_setting, "what answers there is not hash-realtime",
               "Check " + target.setting + "."};
}

int watch_status(const StatusTarget& target) {
  constexpr const char* kFromTheTop = "\033[H\033[J";
  const bool terminal = isatty(STDOUT_FILENO) == 1;
  const StopSignal stop;
  TerminalKeys keys;
  do {
    const Result<std::string> now = draw_status(target);
    const std::string text =
        now ? *now : now.error().message + "\n" + std::string(now.error().what_to_do()) + "\n";
    std::printf("%s%s", terminal ? kFromTheTop : "",
                terminal ? cut_to(text, terminal_size().rows).c_str() : text.c_str());
    if (std::fflush(stdout) != 0) return kFailed;
  } while (goes_on(stop, keys));
  return kDone;
}

}  // namespace realtime::cli
