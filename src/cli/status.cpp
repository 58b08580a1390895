#include "cli/commands.hpp"
#include "cli/status_screen.hpp"
#include "cli/status_target.hpp"

namespace realtime::cli {
namespace {

int probe(const StatusTarget& target, std::string_view path) {
  const http::Answer answer = target.get(path);
  return answer && answer.status == 200 ? kDone : kFailed;
}

/// What the flags ask for; false: more than one of those that exclude each other.
struct Wish {
  bool json = false, alive = false, ready = false, watch = false, elsewhere = false;
  std::string url;

  bool is_one() const { return json + alive + ready + watch <= 1; }
};

}  // namespace

int status_command(Arguments arguments) {
  Wish wish;
  const Flag flags[] = {{"--json", &wish.json},        {"--probe", &wish.alive},
                        {"--probe=live", &wish.alive}, {"--probe=ready", &wish.ready},
                        {"--watch", &wish.watch},      {"--url", &wish.elsewhere, &wish.url}};
  if (!read_flags("status", arguments, flags)) return kWrongUsage;
  if (!wish.is_one()) {
    std::fprintf(stderr, "hash-realtime status: only one of --watch, --json and --probe\n");
    return kWrongUsage;
  }
  const auto target = wish.elsewhere ? target_of_url(wish.url) : target_of_environment();
  if (!target) {
    std::fprintf(stderr, "%s\n", target.error().message.c_str());
    return kWrongUsage;
  }
  if (wish.alive) return probe(*target, "/health-check");
  if (wish.ready) return probe(*target, "/ready");
  if (wish.watch) return watch_status(*target);
  const Result<std::string> text = wish.json ? ask_status(*target) : draw_status(*target);
  if (!text) {
    say(text.error());
    return kFailed;
  }
  return std::fputs(text->c_str(), stdout) < 0 || std::fflush(stdout) != 0 ? kFailed : kDone;
}

}  // namespace realtime::cli
