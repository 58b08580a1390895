#include <cstdlib>

#include <sys/ioctl.h>
#include <unistd.h>

#include "app/keep_secrets.hpp"
#include "base/scrub.hpp"
#include "base/stop_signal.hpp"
#include "check/preflight.hpp"
#include "check/report.hpp"
#include "cli/commands.hpp"

namespace realtime::cli {
namespace {

preflight::ReportStyle style_of_terminal(bool quiet) {
  winsize size{};
  if (isatty(STDOUT_FILENO) == 0) return {false, 0, quiet};
  const bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return {std::getenv("NO_COLOR") == nullptr, known ? size.ws_col : std::size_t{80}, quiet};
}

}  // namespace

int check_command(Arguments arguments) {
  bool json = false, quiet = false;
  const Flag flags[] = {{"--json", &json}, {"--quiet", &quiet}};
  if (!read_flags("check", arguments, flags)) return kWrongUsage;
  if (json && quiet) {
    std::fprintf(stderr, "hash-realtime check: only one of --quiet and --json\n");
    return kWrongUsage;
  }
  const Result<Config> config = read_config();
  if (!config) return kWrongUsage;

  keep_secrets(*config);
  const StopSignal stop;  // a signal ends the waits, so that nothing is left on the server
  const preflight::Findings findings = preflight::run(*config, stop.fd());
  const std::string report =
      scrub::clean(json ? preflight::json_report(*config, findings)
                        : preflight::text_report(*config, findings, style_of_terminal(quiet)));
  std::fputs(report.c_str(), stdout);
  std::fflush(stdout);
  const bool failed = stop.is_set() || preflight::count(findings, preflight::Level::error) > 0;
  std::_Exit(failed ? kFailed : kDone);  // a side that hangs in the system's resolver is not waited for
}

}  // namespace realtime::cli
