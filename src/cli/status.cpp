#include <chrono>

#include "cli/commands.hpp"
#include "http/client.hpp"

namespace realtime::cli {
namespace {

constexpr std::chrono::seconds kPatience{3};

/// Where the instance of this environment listens; its other settings do not matter here.
Result<Config> where_it_listens() {
  const Environment all = process_environment();
  Environment few = {{"HASH_SEARCH_QUEUE_NAME", "any"}};
  for (const char* name : {"HASH_REALTIME_PORT", "HASH_REALTIME_BIND"}) {
    if (const auto found = all.find(name); found != all.end()) few.insert(*found);
  }
  return load_config(few);
}

}  // namespace

int status_command(Arguments arguments) {
  bool json = false, probe = false, watch = false;
  const Flag flags[] = {{"--json", &json}, {"--probe", &probe}, {"--watch", &watch}};
  if (!read_flags("status", arguments, flags)) return kWrongUsage;
  const Result<Config> config = where_it_listens();
  if (!config) {
    std::fprintf(stderr, "%s\n", config.error().message.c_str());
    return kWrongUsage;
  }
  if (probe) {
    const http::Answer answer = http::get(config->bind, config->http_port, "/health-check", kPatience);
    return answer && answer.status == 200 ? kDone : kFailed;
  }
  const http::Answer answer = http::get(config->bind, config->http_port, "/status", kPatience);
  if (!answer || answer.status != 200) {
    std::fprintf(stderr, "no instance answers: %s\n",
                 answer ? ("HTTP " + std::to_string(answer.status)).c_str() : answer.error.c_str());
    return kFailed;
  }
  std::fputs(answer.body.c_str(), stdout);
  return kDone;
}

}  // namespace realtime::cli
