#include <algorithm>

#include "cli/commands.hpp"
#include "config/help.hpp"

namespace realtime::cli {
namespace {

constexpr Command kCommands[] = {
    {"run", "", "the service, in the foreground, until SIGTERM, SIGINT or SIGHUP (the default)",
     "Streams the changes of the monitored tables from the replication slot into the queues, until SIGTERM,\n"
     "SIGINT or SIGHUP. It reads its settings from environment variables; they are listed below.\n\n"
     "Exit code 0: a clean stop. 1: a failure that needs a person. 2: wrong usage or a wrong setting.\n",
     run_service_command},
    {"check", "[--quiet | --json]",
     "tries every setting and requirement on PostgreSQL, Redis and the HTTP port",
     "Tries every setting and every requirement on PostgreSQL, on Redis and on the HTTP port, and changes\n"
     "nothing. It may run while the service runs. Each line is ok, warning, error or unknown, with the "
     "fix.\n\n"
     "  --quiet   only what is wrong: errors and warnings\n"
     "  --json    one JSON object\n\n"
     "Exit code 0: no error. 1: an error. 2: wrong usage or a wrong setting.\n",
     check_command},
    {"status", "[--watch | --json | --probe[=ready]] [--url URL]",
     "asks a running instance and prints its state",
     "Asks a running instance, by default the one of HASH_REALTIME_BIND and HASH_REALTIME_PORT, and prints\n"
     "its state.\n\n"
     "  --watch         anew every second; q or Ctrl-C ends it\n"
     "  --json          what /status answers\n"
     "  --probe         prints nothing: exit 0 where the instance is alive (/health-check), else 1\n"
     "  --probe=ready   prints nothing: exit 0 where the instance is ready (/ready), else 1\n"
     "  --url URL       asks there instead: http://host:3333, or http://host:3333/prefix behind a proxy\n\n"
     "Exit code 0: answered. 1: no answer, or the probe failed. 2: wrong usage or a wrong setting.\n",
     status_command},
    {"accept-loss", "[--yes]",
     "after a loss that nothing can mend: shows it, asks, and goes on from the slot",
     "After a loss that nothing can mend (a slot that is lost or was dropped, PostgreSQL restored from an\n"
     "older state): shows what is lost, asks, makes the slot anew where that is needed, and lets the\n"
     "service go on from there, once.\n\n"
     "  --yes     does not ask\n\n"
     "Exit code 0: accepted, or nothing is lost. 1: not accepted, or it failed. 2: wrong usage or a wrong\n"
     "setting.\n",
     accept_loss_command},
};

}  // namespace

std::span<const Command> all_commands() {
  return kCommands;
}

const Command* find_command(std::string_view name) {
  const auto* found = std::find_if(std::begin(kCommands), std::end(kCommands),
                                   [name](const Command& one) { return one.name == name; });
  return found == std::end(kCommands) ? nullptr : found;
}

std::string usage() {
  std::string text = "hash-realtime " REALTIME_VERSION
                     ": streams the row changes of a PostgreSQL database into Redis queues.\n\n"
                     "Usage: hash-realtime [command]\n\n";
  const auto row = [&text](std::string_view name, std::string_view meaning) {
    std::string head = "  " + std::string(name);
    head.resize(std::max<std::size_t>(head.size() + 2, 16), ' ');
    text += head + std::string(meaning) + "\n";
  };
  for (const Command& command : kCommands) row(command.name, command.meaning);
  row("help", "this text; `hash-realtime help COMMAND` or `hash-realtime COMMAND --help`: one command (-h)");
  row("version", "the version (-V)");
  return text +
         "\nExit codes: 0 done; 1 a failure that needs a person; 2 wrong usage or a wrong setting.\n\n";
}

std::string help_text() {
  return usage() + settings_help();
}

std::string help_text(const Command& command) {
  std::string text = "Usage: hash-realtime " + std::string(command.name);
  if (!command.options.empty()) text += " " + std::string(command.options);
  text += "\n\n" + std::string(command.details);
  return command.run == run_service_command ? text + "\n" + settings_help() : text;
}

}  // namespace realtime::cli
