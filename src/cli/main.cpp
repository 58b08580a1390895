#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "app/service.hpp"
#include "config/config.hpp"
#include "config/help.hpp"

namespace {

constexpr int kWrongUsage = 2;

int run() {
  const auto config = realtime::load_config(realtime::process_environment());
  if (!config) {
    std::fprintf(stderr, "%s\n", config.error().message.c_str());
    return kWrongUsage;
  }
  return realtime::run_service(*config);
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string_view> arguments(argv + 1, argv + argc);
  const std::string_view command = arguments.empty() ? "run" : arguments[0];
  if (command == "run" && arguments.size() <= 1) return run();
  if (command == "--version") {
    std::printf("hash-realtime %s\n", REALTIME_VERSION);
    return 0;
  }
  if (command == "--help") {
    std::printf("%s", realtime::settings_help().c_str());
    return 0;
  }
  std::fprintf(stderr, "unknown command: %s\n", std::string(command).c_str());
  return kWrongUsage;
}
