#include "base/last_words.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <new>
#include <system_error>

#include <poll.h>
#include <unistd.h>

#include "base/log.hpp"
#include "base/log_format.hpp"

namespace realtime {
namespace {

constexpr std::chrono::milliseconds kPatience{200};

/// Never destroyed: the end of the process may need them.
struct Words {
  std::string memory, threads;
};
Words* words = nullptr;  // set once, before other threads start

/// Writes one line past the log, without asking for memory; a pipe that is full is not waited for.
void say(const std::string& text) {
  log::finish(kPatience);
  char time[32], line[4096];
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  std::strftime(time, sizeof time, "%Y-%m-%dT%H:%M:%S.000Z", &utc);
  const int size = log::style() == log::Style::json
                       ? std::snprintf(line, sizeof line,
                                       "{\"time\":\"%s\",\"level\":\"error\",\"message\":\"%s\",\"error\":"
                                       "\"machine_limit\"}\n",
                                       time, text.c_str())
                       : std::snprintf(line, sizeof line, "%s error   %s\n", time, text.c_str());
  pollfd out{STDOUT_FILENO, POLLOUT, 0};
  if (size <= 0 || ::poll(&out, 1, static_cast<int>(kPatience.count())) <= 0) return;
  const auto length = std::min(static_cast<std::size_t>(size), sizeof line - 1);
  [[maybe_unused]] const auto written = ::write(STDOUT_FILENO, line, length);
}

[[noreturn]] void end_without_memory() {
  say(words->memory);
  _exit(1);
}

[[noreturn]] void end_uncaught() {
  try {
    if (const std::exception_ptr thrown = std::current_exception()) std::rethrow_exception(thrown);
  } catch (const std::bad_alloc&) {
    end_without_memory();
  } catch (const std::system_error& error) {
    const int code = error.code().value();
    if (code == EAGAIN || code == EMFILE || code == ENFILE || code == ENOMEM) {
      say(words->threads);
      _exit(1);
    }
  } catch (...) {  // not a limit: as ever
  }
  std::abort();
}

/// As a JSON string has it: nothing is left to be escaped later.
std::string escaped(const std::string& text) {
  std::string out;
  log::append_json_text(out, text, 3000);
  return out;
}

}  // namespace

void install_last_words(std::string memory, std::string threads) {
  words = new Words{escaped(memory), escaped(threads)};
  std::set_new_handler(end_without_memory);
  std::set_terminate(end_uncaught);
}

}  // namespace realtime
