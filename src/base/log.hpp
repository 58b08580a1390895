#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace realtime::log {

enum class Level { trace, debug, info, warn, error };
enum class Style { json, readable };

/// One named value of a line. Every line that concerns a slot, queue or LSN names it in a field: "slot",
/// "queue", "lsn". Never a row's value, never a secret.
struct Field {
  std::string_view name;
  std::string value;
  bool number = false;  ///< JSON: written without quotes
};

/// Sets the style and the least level of all lines of the process. Call once, before other threads start.
void start(Style style, Level least);

/// From here on a thread of the log's own writes, so that write() never waits, whatever standard output does
/// (a pipe that nobody reads, a blocked terminal). While it takes nothing, the last lines wait and the older
/// ones are dropped; how many is said once it goes on. Call once, before other threads start. False: there is
/// no thread to be had, and who logs writes.
[[nodiscard]] bool write_in_background();

/// Waits until what was logged so far has been written, at most so long: before the process ends. False: some
/// of it was not.
bool finish(std::chrono::milliseconds at_most);

/// Lines that standard output did not take, since the process began. Any thread.
std::uint64_t dropped_lines();

/// Writes one line to standard output: at once, or by the log's own thread. Any thread. Production: one JSON
/// object with time (RFC 3339, UTC, milliseconds), level, message and the fields; development: readable,
/// coloured when standard output is a terminal.
void write(Level level, std::string_view message, std::initializer_list<Field> fields = {});
bool enabled(Level level);
Style style();

inline void debug(std::string_view m, std::initializer_list<Field> f = {}) {
  write(Level::debug, m, f);
}
inline void info(std::string_view m, std::initializer_list<Field> f = {}) {
  write(Level::info, m, f);
}
inline void warn(std::string_view m, std::initializer_list<Field> f = {}) {
  write(Level::warn, m, f);
}
inline void error(std::string_view m, std::initializer_list<Field> f = {}) {
  write(Level::error, m, f);
}

}  // namespace realtime::log
