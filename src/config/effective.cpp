#include "config/effective.hpp"

#include "base/log_format.hpp"
#include "config/shown_value.hpp"

namespace realtime {
namespace {

std::string derived(const Config& config, OptionId id) {
  switch (id) {
    case OptionId::decoder_threads:
      return std::to_string(config.decoder_threads);
    case OptionId::log_level:
      return std::string(log_level_name(config.log_level));
    case OptionId::redis_tls_server_name:
      return config.redis.tls.server_name;
    case OptionId::tables:
      return config.tables.canonical();
    case OptionId::exclude_tables:
      return config.excluded_tables.canonical();
    default:
      return {};
  }
}

}  // namespace

std::string_view log_level_name(log::Level level) {
  return log::to_string(level);
}

std::vector<EffectiveSetting> effective_settings(const Config& config, const Values& values) {
  std::vector<EffectiveSetting> all;
  for (const Option& row : all_options()) {
    const Value& value = values[row.id];
    std::string shown = derived(config, row.id);
    if (shown.empty()) shown = shown_value(row, value.text, log::kMaxField);
    if (shown.empty()) shown = value.from_user ? std::string(row.empty_means) : "none";
    all.push_back({row.variable, std::move(shown), value.from_user});
  }
  return all;
}

}  // namespace realtime
