#include <chrono>

#include <sys/ioctl.h>
#include <unistd.h>

#include "base/stop_signal.hpp"
#include "cli/commands.hpp"
#include "cli/terminal/client.hpp"
#include "cli/terminal/status_text.hpp"

namespace realtime::cli {
namespace {

constexpr std::chrono::seconds kPatience{3};

/// Where the instance of this environment listens; its other settings do not matter here.
Result<Config> where_it_listens() {
  const Environment all = process_environment();
  Environment few = {{"HASH_SEARCH_QUEUE_NAME", "any"}};
  for (const char* name : {"HASH_REALTIME_PORT", "HASH_REALTIME_BIND"}) {
    if (const auto found = all.find(name); found != all.end()) few.insert(*found);
  }
  return load_config(few);
}

std::size_t columns() {
  winsize size{};
  return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 60 ? size.ws_col : 80;
}

/// What the instance says of itself; an error where none answers in full.
Result<std::string> ask(const Config& config) {
  http::Answer answer = http::get(config.bind, config.http_port, "/status", kPatience);
  const std::string remedy =
      "Is the service running, with the same HASH_REALTIME_PORT and HASH_REALTIME_BIND?";
  if (!answer) return Error{ErrorKind::wrong_setting, "no instance answers: " + answer.error, remedy};
  if (answer.status == 200) return std::move(answer.body);
  return Error{ErrorKind::wrong_setting, "no instance answers: HTTP " + std::to_string(answer.status),
               remedy};
}

/// One screen; what is wrong where there is none.
Result<std::string> screen(const Config& config) {
  const Result<std::string> body = ask(config);
  if (!body) return body.error();
  auto text = http::status_screen(*body, {isatty(STDOUT_FILENO) == 1, columns()});
  if (!text)
    return Error{ErrorKind::wrong_setting, "what answers on HASH_REALTIME_PORT is not hash-realtime",
                 "Check HASH_REALTIME_PORT."};
  return std::move(*text);
}

int watch_it(const Config& config) {
  constexpr std::chrono::seconds kInterval{1};
  constexpr const char* kFromTheTop = "\033[H\033[J";
  const StopSignal stop;
  do {
    const Result<std::string> now = screen(config);
    const std::string text = now ? *now : now.error().message + "\n";
    std::printf("%s%s", isatty(STDOUT_FILENO) == 1 ? kFromTheTop : "", text.c_str());
    if (std::fflush(stdout) != 0) return kFailed;
  } while (!stop.wait_until(std::chrono::steady_clock::now() + kInterval));
  return kDone;
}

}  // namespace

int status_command(Arguments arguments) {
  bool json = false, probe = false, watch = false;
  const Flag flags[] = {{"--json", &json}, {"--probe", &probe}, {"--watch", &watch}};
  if (!read_flags("status", arguments, flags)) return kWrongUsage;
  if (json + probe + watch > 1) {
    std::fprintf(stderr, "hash-realtime status: only one of --watch, --json and --probe\n");
    return kWrongUsage;
  }
  const Result<Config> config = where_it_listens();
  if (!config) {
    std::fprintf(stderr, "%s\n", config.error().message.c_str());
    return kWrongUsage;
  }
  if (probe) {
    const http::Answer answer = http::get(config->bind, config->http_port, "/health-check", kPatience);
    return answer && answer.status == 200 ? kDone : kFailed;
  }
  if (watch) return watch_it(*config);
  const Result<std::string> text = json ? ask(*config) : screen(*config);
  if (!text) {
    say(text.error());
    return kFailed;
  }
  std::fputs(text->c_str(), stdout);
  return kDone;
}

}  // namespace realtime::cli
