#include "cli/commands.hpp"

#include <algorithm>
#include <cstdio>

#include "app/service.hpp"

namespace realtime::cli {

bool read_flags(std::string_view command, Arguments arguments, std::span<const Flag> flags) {
  for (const std::string_view argument : arguments) {
    const auto flag = std::find_if(flags.begin(), flags.end(),
                                   [argument](const Flag& one) { return one.name == argument; });
    if (flag == flags.end()) {
      std::fprintf(stderr, "hash-realtime %s: unknown argument: %s (hash-realtime --help shows all)\n",
                   std::string(command).c_str(), std::string(argument).c_str());
      return false;
    }
    *flag->set = true;
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
