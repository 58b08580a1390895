#include "cli/commands.hpp"

#include <algorithm>
#include <cstdio>

#include "app/service.hpp"

namespace realtime::cli {

bool read_flags(std::string_view command, Arguments arguments, std::span<const Flag> flags) {
  const auto wrong = [command](const std::string& what) {
    std::fprintf(stderr, "hash-realtime %s: %s (hash-realtime %s --help shows what is allowed)\n",
                 std::string(command).c_str(), what.c_str(), std::string(command).c_str());
    return false;
  };
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string argument(arguments[i]);
    const auto flag = std::find_if(flags.begin(), flags.end(), [&argument](const Flag& one) {
      return argument == one.name ||
             (one.value != nullptr && argument.starts_with(std::string(one.name) + "="));
    });
    if (flag == flags.end()) return wrong("unknown argument: " + argument);
    *flag->set = true;
    if (flag->value == nullptr) continue;
    const bool attached = argument.size() > flag->name.size();
    if (!attached && i + 1 == arguments.size()) return wrong(argument + " needs a value");
    *flag->value = attached ? argument.substr(flag->name.size() + 1) : std::string(arguments[++i]);
  }
  return true;
}

Result<Config> read_config() {
  Result<Config> config = load_config(process_environment());
  if (!config) std::fprintf(stderr, "%s\n", config.error().message.c_str());
  return config;
}

void say(const Error& error) {
  std::fprintf(stderr, "%s\n", error.message.c_str());
  if (!error.what_to_do().empty()) std::fprintf(stderr, "%s\n", std::string(error.what_to_do()).c_str());
}

int run_service_command(Arguments arguments) {
  if (!read_flags("run", arguments, {})) return kWrongUsage;
  const Result<Config> config = read_config();
  return config ? run_service(*config) : kWrongUsage;
}

}  // namespace realtime::cli
