#include <algorithm>
#include <cstdio>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "cli/commands.hpp"
#include "config/help.hpp"

namespace {

using namespace realtime::cli;

constexpr Command kCommands[] = {
    {"run", "", "the service, in the foreground, until SIGTERM, SIGINT or SIGHUP (the default)",
     run_service_command},
    {"check", "[--json]", "tries every setting and requirement on PostgreSQL and Redis; exit 0 or 1",
     check_command},
    {"status", "[--watch | --json | --probe]",
     "asks the running instance on this machine; --probe only exits 0 or 1", status_command},
    {"accept-loss", "[--yes]",
     "after a loss that nothing can mend: shows it, asks, and goes on from the slot", accept_loss_command},
};

std::string usage() {
  std::string text = "hash-realtime " REALTIME_VERSION
                     ": streams the row changes of a PostgreSQL database into Redis queues.\n\n"
                     "Usage: hash-realtime [command]\n\n";
  for (const Command& command : kCommands) {
    std::string head = "  " + std::string(command.name) + " " + std::string(command.options);
    head.resize(std::max<std::size_t>(head.size() + 2, 40), ' ');
    text += head + std::string(command.meaning) + "\n";
  }
  return text +
         "  --help, --version\n\nExit codes: 0 done; 1 a failure that needs a person; 2 wrong usage or a "
         "wrong setting.\n\n";
}

int show(const std::string& text) {
  return std::fputs(text.c_str(), stdout) < 0 ? kFailed : kDone;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string_view> arguments(argv + 1, argv + argc);
  if (arguments.empty()) return run_service_command({});
  if (std::find(arguments.begin(), arguments.end(), "--help") != arguments.end()) {
    return show(usage() + realtime::settings_help());
  }
  if (arguments[0] == "--help-markdown") return show(realtime::settings_markdown());  // docs/configuration.md
  if (arguments[0] == "--version") return show("hash-realtime " REALTIME_VERSION "\n");
  const auto* command = std::find_if(std::begin(kCommands), std::end(kCommands),
                                     [&arguments](const Command& one) { return one.name == arguments[0]; });
  if (command != std::end(kCommands)) return command->run(Arguments(arguments).subspan(1));
  std::fprintf(stderr, "hash-realtime: unknown command: %s\n\n%s", std::string(arguments[0]).c_str(),
               usage().c_str());
  return kWrongUsage;
}
