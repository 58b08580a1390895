#include <algorithm>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "base/standard_descriptors.hpp"
#include "cli/commands.hpp"
#include "config/help.hpp"

namespace {

using namespace realtime::cli;

int show(const std::string& text) {
  return std::fputs(text.c_str(), stdout) < 0 || std::fflush(stdout) != 0 ? kFailed : kDone;
}

bool is_help(std::string_view argument) {
  return argument == "--help" || argument == "-h";
}

int unknown_command(std::string_view name) {
  std::fprintf(stderr, "hash-realtime: unknown command: %s\n\n%s", std::string(name).c_str(),
               usage().c_str());
  return kWrongUsage;
}

int help(Arguments arguments) {
  if (arguments.empty()) return show(help_text());
  const Command* command = find_command(arguments[0]);
  return command == nullptr ? unknown_command(arguments[0]) : show(help_text(*command));
}

/// What the machine denies (a thread, a descriptor, memory) ends a command in words.
int in_words(const Command& command, Arguments arguments) {
  try {
    return command.run(arguments);
  } catch (const std::exception& denied) {
    std::fprintf(stderr, "hash-realtime %s: the machine denies a thread, a descriptor or memory: %s\n",
                 std::string(command.name).c_str(), denied.what());
    return kFailed;
  }
}

}  // namespace

int main(int argc, char** argv) {
  realtime::keep_standard_descriptors();
  const std::vector<std::string_view> arguments(argv + 1, argv + argc);
  if (arguments.empty()) return in_words(*find_command("run"), {});
  const std::string_view first = arguments[0];
  const Arguments rest = Arguments(arguments).subspan(1);
  if (first == "help" || is_help(first)) return help(rest);
  if (first == "version" || first == "-V" || first == "--version")
    return show("hash-realtime " REALTIME_VERSION "\n");
  if (first == "--help-markdown") return show(realtime::settings_markdown());  // docs/configuration.md
  const Command* command = find_command(first);
  if (command == nullptr) return unknown_command(first);
  if (std::any_of(rest.begin(), rest.end(), is_help)) return show(help_text(*command));
  return in_words(*command, rest);
}
