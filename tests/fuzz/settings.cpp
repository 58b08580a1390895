#include "config/config.hpp"
#include "config/environment.hpp"
#include "fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace realtime;
  constexpr std::string_view kSecret = "n0t-to-be-5hown";
  Environment environment{{"HASH_SEARCH_QUEUE_NAME", "search"}};
  std::string_view rest = test::text_of(data, size);
  if (rest.find(kSecret) != std::string_view::npos) return 0;  // who writes it elsewhere has shown it
  while (!rest.empty()) {                                      // one NAME=VALUE a line
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos || line.find('\0') != std::string_view::npos) continue;
    environment[std::string(line.substr(0, equals))] = line.substr(equals + 1);
  }
  environment["HASH_PG_PASSWORD"] = environment["HASH_REDIS_PASSWORD"] = kSecret;
  const auto config = load_config(environment, 4);
  if (!config) {
    test::require(config.error().message.find(kSecret) == std::string::npos, "no secret in an error");
    return 0;
  }
  test::require(!config->queues.empty() && config->decoder_threads > 0 && config->http_port > 0,
                "whole settings");
  for (const EffectiveSetting& setting : config->effective)
    test::require(setting.value.find(kSecret) == std::string::npos, "no secret among the settings shown");
  return 0;
}
