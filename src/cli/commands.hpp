#pragma once

#include <cstdio>
#include <span>
#include <string>
#include <string_view>

#include "config/config.hpp"

namespace realtime::cli {

// The exit codes of every command.
inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;      ///< needs a person
inline constexpr int kWrongUsage = 2;  ///< or a wrong setting

/// What follows the command on the command line.
using Arguments = std::span<const std::string_view>;

/// One command: a row of the table in command_table.cpp. `run` gives the exit code.
struct Command {
  std::string_view name;
  std::string_view options;  ///< as the usage shows them
  std::string_view meaning;  ///< one line of the usage
  std::string_view details;  ///< its own help: what it does, its flags, its exit codes
  int (*run)(Arguments arguments);
};

int run_service_command(Arguments arguments);
int check_command(Arguments arguments);
int status_command(Arguments arguments);
int accept_loss_command(Arguments arguments);

/// Every command, in the order of the usage. Constant; any thread.
std::span<const Command> all_commands();
/// None of this name: nullptr.
const Command* find_command(std::string_view name);
/// The first lines of the help: every command, one a line.
std::string usage();
/// `hash-realtime help` and `hash-realtime help COMMAND`.
std::string help_text();
std::string help_text(const Command& command);

/// One flag of a command. With `value` it takes one: `--url X` or `--url=X`.
struct Flag {
  std::string_view name;
  bool* set;
  std::string* value = nullptr;
};
/// Takes the flags off the command line. False: something else was given, which was said.
bool read_flags(std::string_view command, Arguments arguments, std::span<const Flag> flags);

/// The settings of the environment; what is wrong with them was said.
Result<Config> read_config();

/// Writes an error and what to do about it to standard error.
void say(const Error& error);

}  // namespace realtime::cli
