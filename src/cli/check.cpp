#include <cstdlib>

#include "base/stop_signal.hpp"
#include "check/preflight.hpp"
#include "check/report.hpp"
#include "cli/commands.hpp"

namespace realtime::cli {

int check_command(Arguments arguments) {
  bool json = false;
  const Flag flags[] = {{"--json", &json}};
  if (!read_flags("check", arguments, flags)) return kWrongUsage;
  const Result<Config> config = read_config();
  if (!config) return kWrongUsage;

  const StopSignal stop;  // a signal ends the waits, so that nothing is left on the server
  const preflight::Findings findings = preflight::run(*config, stop.fd());
  const std::string report =
      json ? preflight::json_report(*config, findings) : preflight::text_report(*config, findings);
  std::fputs(report.c_str(), stdout);
  std::fflush(stdout);
  const bool failed = stop.is_set() || preflight::count(findings, preflight::Level::error) > 0;
  std::_Exit(failed ? kFailed : kDone);  // a side that hangs in the system's resolver is not waited for
}

}  // namespace realtime::cli
