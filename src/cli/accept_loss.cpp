#include <poll.h>
#include <unistd.h>

#include "realtime/open_transactions.hpp"

#include "base/stop_signal.hpp"
#include "cli/commands.hpp"
#include "ownership/acceptance.hpp"
#include "ownership/proving.hpp"
#include "wiring/wiring.hpp"

namespace realtime::cli {
namespace {

/// One line from the terminal; anything but "yes", its end or the stop signal is no.
bool says_yes(const StopSignal& stop) {
  std::printf("Type yes to accept this and go on from there: ");
  std::fflush(stdout);
  std::string line;
  for (;;) {
    pollfd either[2] = {{STDIN_FILENO, POLLIN, 0}, {stop.fd(), POLLIN, 0}};
    if (poll(either, 2, -1) < 0 && errno != EINTR) return false;
    if (either[1].revents != 0) return false;
    if (either[0].revents == 0) continue;
    char character = 0;
    if (read(STDIN_FILENO, &character, 1) != 1) return false;
    if (character == '\n') return line == "yes";
    if (line.size() < 10) line += character;
  }
}

int failed(const Error& error) {
  say(error);
  return kFailed;
}

int accept(const Config& config, bool yes) {
  const StopSignal stop;
  const Wiring wiring(config, nullptr);
  const Claim claim = wiring.claim();
  postgres::PostgresSlotServer server(wiring.slot_server_options(stop.fd()));
  redis::RedisCheckpointStore store(
      wiring.redis_endpoint(), [&stop] { return stop.is_set(); }, wiring.stored_queues());
  QueueCheckpoints checkpoints(claim, store, system_epoch_clock());
  auto session = server.connect();
  if (!session) return failed(session.error());
  auto now = look_at_all(**session, checkpoints, store, LookAtContents::yes);
  if (!now) return failed(now.error());
  auto foreign = prove_each(
      server, *now, claim, [&wiring](const Filter& filter) { return wiring.make_plugin(filter); },
      [&stop](const Source& source) { return wait_for_stream(source, stop); }, SteadyClock());
  if (!foreign) return failed(foreign.error());
  now->foreign = std::move(*foreign);
  auto plan = plan_acceptance(*now, claim, system_epoch_clock()());
  if (!plan) return failed(plan.error());
  if (!*plan) {
    std::printf("nothing is lost: slot %s and the queues' positions go together; nothing was changed\n",
                config.slot_name.c_str());
    return kDone;
  }

  for (const std::string& line : (*plan)->lines) std::printf("%s\n", line.c_str());
  if ((*plan)->make_slot) {
    std::printf("slot %s is made anew; what is committed until then is lost too\n", config.slot_name.c_str());
  }
  if (!yes && isatty(STDIN_FILENO) == 0) {
    std::fprintf(stderr,
                 "there is no terminal to ask on: run `hash-realtime accept-loss --yes` to accept this\n");
    return kWrongUsage;
  }
  if (!yes && !says_yes(stop)) {
    std::printf("nothing was changed\n");
    return kFailed;
  }

  bool said = false;
  const auto waiting = [&said] {
    if (std::exchange(said, true)) return;
    std::printf("waiting for open transactions to end, so that the slot can be made: %s\n",
                std::string(kOpenTransactions).c_str());
    std::fflush(stdout);
  };
  const bool beside_owner = (*plan)->beside_owner;
  const Result<Lsn> at = carry_out(std::move(**plan), *now, claim, **session, store, waiting);
  if (!at) return failed(at.error());
  std::printf(beside_owner ? "accepted: the running instance goes on from %s within a second\n"
                           : "accepted: the next start goes on from %s\n",
              to_string(*at).c_str());
  return kDone;
}

}  // namespace

int accept_loss_command(Arguments arguments) {
  bool yes = false;
  const Flag flags[] = {{"--yes", &yes}};
  if (!read_flags("accept-loss", arguments, flags)) return kWrongUsage;
  const Result<Config> config = read_config();
  return config ? accept(*config, yes) : kWrongUsage;
}

}  // namespace realtime::cli
